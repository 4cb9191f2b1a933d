import type { Row } from "../row.ts";

export const row: Row = {
  name: "policy-losses",
  what: "DPO, Bradley–Terry and GRPO: losses, and gradients through all parameters of a model, against trl and PyTorch",
  bar: "relative difference at most 1e-4 in every case",
  async measure() {
    const { comparePolicyLosses } = await import("../../packages/armature/test/train/policy-losses.ts");
    const cases = await comparePolicyLosses();
    const largest = (of: typeof cases) =>
      of.reduce((most, { loss, gradient }) => Math.max(most, loss, gradient), 0);
    const methods = ["bradley-terry", "dpo", "grpo"] as const;
    return {
      value: largest(cases),
      unit: "largest relative difference",
      holds: cases.length > 0 && largest(cases) <= 1e-4,
      detail: {
        cases: cases.length,
        byTrl: cases.filter(({ by }) => by === "trl").length,
        byMethod: Object.fromEntries(
          methods.map((method) => [method, largest(cases.filter((one) => one.method === method))]),
        ),
        worst: cases.reduce((worst, one) => (one.gradient > worst.gradient ? one : worst)),
      },
    };
  },
};
