import type { Operations } from "../../src/cli/operations.ts";

const unused = () => {
  throw new Error("this test calls no operation");
};

/** Operations of a command that must call none. */
export const NO_OPERATIONS: Operations = {
  train: {
    arm: unused,
    sft: unused,
    grpo: unused,
    dpo: unused,
    "best-of-n": unused,
    "sft-chosen": unused,
    "bradley-terry": unused,
  },
  openModels: unused,
  openScalarReward: unused,
  warmUpSandbox: unused,
};
