import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AggregatorCase,
  aggregatorMismatches,
  computedCases,
  HAND_COMPUTED_CASES,
} from "../../test/golden/aggregator-cases.ts";
import { ConfigError } from "../errors.ts";
import type { CriterionVerdict } from "../judge/criterion-verdict.ts";
import type { Criterion } from "../rubric/rubric.ts";
import { AGGREGATORS, withMinimumCoverage } from "./aggregators.ts";
import { healthBenchScore, healthBenchTagScores } from "./healthbench-set.ts";
import { ratingRange, ratingShare } from "./rating-reward.ts";
import { referenceRelative } from "./reference-relative.ts";

const yes: CriterionVerdict = { status: "scored", value: 1, reason: null };
const no: CriterionVerdict = { status: "scored", value: 0, reason: null };
const failed: CriterionVerdict = { status: "failed", kind: "parse", detail: "x" };

describe("aggregators", () => {
  it("give hand-computed scores, the paper's example among them", () => {
    expect(aggregatorMismatches(HAND_COMPUTED_CASES)).toEqual([]);
  });

  it("give the scores that another program computed from the formulas", () => {
    const cases = computedCases();
    expect(cases.length).toBe(60);
    expect(aggregatorMismatches(cases)).toEqual([]);
  });

  it("are told apart by the comparison itself", () => {
    const [first] = HAND_COMPUTED_CASES as readonly [AggregatorCase];
    expect(aggregatorMismatches([{ ...first, scores: { "chasing-the-tail": 0.91 } }])).toHaveLength(1);
  });

  it("refuse verdicts that are not one per criterion, and a criterion without category", () => {
    const rubric = { criteria: [{ id: "c1", text: "x", weight: 1, polarity: "good" as const }] };
    expect(() => AGGREGATORS.clamped(rubric, [])).toThrow(ConfigError);
    expect(() => AGGREGATORS["rar-explicit"](rubric, [failed])).toThrow(/criterion c1 has no category/);
  });

  const criteria = fc.array(
    fc.record({
      weight: fc.integer({ min: -9, max: 9 }),
      polarity: fc.constantFrom("good" as const, "bad" as const),
      category: fc.constantFrom("essential" as const, "pitfall" as const),
      verdict: fc.constantFrom(yes, no, failed),
    }),
    { minLength: 1, maxLength: 8 },
  );
  const bounded = [
    "rar-explicit",
    "chasing-the-tail",
    "clamped",
    "gated",
    "all",
    "any",
    "min",
    "max",
    "mean",
  ] as const;

  it("stay in their range, and never score what nobody judged", () => {
    fc.assert(
      fc.property(criteria, (rows) => {
        const rubric = { criteria: rows.map((row, i): Criterion => ({ id: `c${i}`, text: "x", ...row })) };
        for (const name of bounded) {
          const { score, coverage } = AGGREGATORS[name](
            rubric,
            rows.map(({ verdict }) => verdict),
          );
          if (score !== null) expect(score >= 0 && score <= 1).toBe(true);
          expect(coverage >= 0 && coverage <= 1).toBe(true);
          expect(
            AGGREGATORS[name](
              rubric,
              rows.map(() => failed),
            ).score,
          ).toBeNull();
        }
      }),
    );
  });

  it("never fall when a verdict turns from no to yes on what is good when true", () => {
    fc.assert(
      fc.property(criteria, fc.nat(7), (rows, place) => {
        const rubric = {
          criteria: rows.map((row, i): Criterion => ({ id: `c${i}`, text: "x", ...row, polarity: "good" })),
        };
        const at = place % rows.length;
        const verdicts = (verdict: CriterionVerdict) =>
          rows.map((row, i) => (i === at ? verdict : row.verdict));
        for (const name of Object.keys(AGGREGATORS) as (keyof typeof AGGREGATORS)[]) {
          const [before, after] = [
            AGGREGATORS[name](rubric, verdicts(no)),
            AGGREGATORS[name](rubric, verdicts(yes)),
          ];
          if (before.score !== null && after.score !== null)
            expect(after.score).toBeGreaterThanOrEqual(before.score - 1e-12);
        }
      }),
    );
  });
});

describe("withMinimumCoverage", () => {
  const rubric = {
    criteria: [3, 1].map((weight, i) => ({ id: `c${i}`, text: "x", weight, polarity: "good" as const })),
  };
  it("takes the score away below the minimum, and not at it", () => {
    expect(withMinimumCoverage(AGGREGATORS.clamped, 0.75)(rubric, [yes, failed])).toEqual({
      score: 1,
      coverage: 0.75,
    });
    expect(withMinimumCoverage(AGGREGATORS.clamped, 0.76)(rubric, [yes, failed])).toEqual({
      score: null,
      coverage: 0.75,
    });
    expect(() => withMinimumCoverage(AGGREGATORS.clamped, 2)).toThrow(/from 0 to 1/);
  });
});

describe("HealthBench over a set", () => {
  it("clips the mean and not the examples", () => {
    const set = healthBenchScore([-0.5, 0.25, 1, null], { seed: 1 })!;
    expect(set).toMatchObject({ score: 0.25, examples: 3, unscored: 1 });
    expect(healthBenchScore([-0.5, 0.25], { seed: 1 })!.score).toBe(0);
    expect(healthBenchScore([null], { seed: 1 })).toBeNull();
  });

  it("has the bootstrap deviation that the formula for a mean gives where nothing is clipped", () => {
    // Of 100 values half 0.2 and half 0.8: population deviation 0.3, of their mean 0.03.
    const values = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 0.2 : 0.8));
    expect(healthBenchScore(values, { seed: 5, resamples: 4000 })!.bootstrapStd).toBeCloseTo(0.03, 2);
    expect(healthBenchScore([-3, -2, -1], { seed: 5 })!.bootstrapStd).toBe(0);
  });

  it("scores the criteria of a tag by the same formula", () => {
    const rubric = {
      criteria: [
        { id: "a", text: "x", weight: 4, polarity: "good" as const, tags: ["axis:one", "level:x"] },
        { id: "b", text: "x", weight: -2, polarity: "bad" as const, tags: ["axis:one"] },
        { id: "c", text: "x", weight: -3, polarity: "bad" as const, tags: ["axis:two"] },
      ],
    };
    expect([...healthBenchTagScores(rubric, [yes, yes, no])]).toEqual([
      ["axis:one", 0.5],
      ["level:x", 1],
      ["axis:two", null],
    ]);
  });
});

describe("ratings and references", () => {
  it("normalises a rating in both ways, and never a failed one", () => {
    const rating = (value: number) =>
      ({ status: "scored", rating: value, lowest: 1, highest: 10, reason: null }) as const;
    expect([1, 5.5, 10].map((value) => ratingRange(rating(value)))).toEqual([0, 0.5, 1]);
    expect([1, 5, 10].map((value) => ratingShare(rating(value)))).toEqual([0.1, 0.5, 1]);
    expect(ratingRange({ status: "failed", kind: "parse", detail: "x" })).toBeNull();
    expect(ratingShare({ status: "abstained", reason: null })).toBeNull();
  });

  it("gives half a point for each order won, and none where an order is undecided", () => {
    expect(referenceRelative("response", "response")).toBe(1);
    expect(referenceRelative("response", "reference")).toBe(0.5);
    expect(referenceRelative("reference", "response")).toBe(0.5);
    expect(referenceRelative("reference", "reference")).toBe(0);
    expect(referenceRelative(null, "response")).toBeNull();
    expect(referenceRelative("response", null)).toBeNull();
  });
});
