import type { Row } from "../row.ts";

export const row: Row = {
  name: "statistics",
  what: "intervals, tests, agreement, correlation and calibration against SciPy, statsmodels and krippendorff",
  bar: "largest absolute difference at most 1e-9 over all golden cases; the bootstrap's p-value, which is drawn, within 0.005 of the enumerated one",
  async measure() {
    const { knownStatistics } = await import("../../packages/armature/test/evaluation/known-statistics.ts");
    const comparisons = knownStatistics();
    const largest = (of: typeof comparisons) =>
      of.reduce((most, { difference }) => Math.max(most, difference), 0);
    const drawn = comparisons.filter(({ name }) => name === "bootstrapPValue");
    const exact = comparisons.filter(({ name }) => name !== "bootstrapPValue");
    const names = [...new Set(exact.map(({ name }) => name))];
    return {
      value: largest(exact),
      unit: "largest absolute difference",
      holds: largest(exact) <= 1e-9 && largest(drawn) <= 0.005,
      detail: {
        cases: comparisons.length,
        byStatistic: Object.fromEntries(
          names.map((name) => [name, largest(exact.filter((one) => one.name === name))]),
        ),
        bootstrapPValue: largest(drawn),
      },
    };
  },
};
