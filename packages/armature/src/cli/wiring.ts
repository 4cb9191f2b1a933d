import type { Operations } from "./operations.ts";

/** What the commands call; each loads the engine only when it is called. */
export const OPERATIONS: Operations = {
  train: {
    arm: async () => (await import("../train/arm-run.ts")).runArm,
    sft: async () => (await import("../train/sft-run.ts")).runSft,
  },
  openModels: async () => (await import("../train/open-models.ts")).openModels,
  warmUpSandbox: async () => (await import("../sandbox/warm-up-run.ts")).warmUpSandbox,
};
