import type { Row } from "../row.ts";

export const row: Row = {
  name: "aggregators",
  what: "every aggregator on golden verdicts: hand-computed ones (the example of Chasing the Tail, appendix I, among them) and 60 that a Python script scored from the papers' formulas in exact fractions",
  bar: "no score and no coverage differs",
  async measure() {
    const { aggregatorMismatches, computedCases, HAND_COMPUTED_CASES } = await import(
      "../../packages/armature/test/golden/aggregator-cases.ts"
    );
    const cases = [...HAND_COMPUTED_CASES, ...computedCases()];
    const mismatches = aggregatorMismatches(cases);
    const compared = cases.reduce((sum, { scores }) => sum + Object.keys(scores).length, 0);
    return {
      value: mismatches.length,
      unit: "mismatches",
      holds: mismatches.length === 0,
      detail: { compared, cases: cases.length, tolerance: 1e-12, mismatches: mismatches.slice(0, 5) },
    };
  },
};
