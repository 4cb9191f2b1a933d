import type { Operations } from "./operations.ts";

/** What the commands call; each loads the engine only when it is called. */
export const OPERATIONS: Operations = {
  train: {
    arm: async () => (await import("../train/arm-run.ts")).runArm,
    sft: async () => (await import("../train/sft-run.ts")).runSft,
    grpo: async () => (await import("../policy/grpo/grpo-run.ts")).runGrpo,
    dpo: async () => (await import("../policy/offline/dpo-run.ts")).runDpo,
    "best-of-n": async () => (await import("../policy/offline/best-of-n-run.ts")).runBestOfN,
    "bradley-terry": async () => (await import("../train/bradley-terry-run.ts")).runBradleyTerry,
    "sft-chosen": async () => (await import("../policy/offline/sft-chosen-run.ts")).runSftChosen,
  },
  openScalarReward: async () => (await import("../reward/scalar-reward.ts")).openScalarReward,
  openModels: async () => (await import("../train/open-models.ts")).openModels,
  warmUpSandbox: async () => (await import("../sandbox/warm-up-run.ts")).warmUpSandbox,
};
