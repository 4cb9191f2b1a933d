import type { Row } from "../row.ts";

export const row: Row = {
  name: "grpo-speed",
  what: "GRPO steps/s in the sandbox over TRL's GRPOTrainer: same policy, group, lengths, KL and reward, pinned to one core, in turns",
  bar: "median ratio at least 3",
  async measure() {
    const { measureGrpoSpeed } = await import("../policy/measure-grpo-speed.ts");
    return measureGrpoSpeed();
  },
};
