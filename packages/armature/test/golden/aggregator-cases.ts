import { readFileSync } from "node:fs";
import type { CriterionVerdict } from "../../src/judge/criterion-verdict.ts";
import { AGGREGATORS, type AggregatorName } from "../../src/reward/aggregators.ts";
import type { Criterion, Rubric } from "../../src/rubric/rubric.ts";

/** Verdicts with the scores that an aggregator must give them. */
export interface AggregatorCase {
  readonly name: string;
  readonly rubric: Rubric;
  readonly verdicts: readonly CriterionVerdict[];
  readonly scores: Readonly<Partial<Record<AggregatorName, number | null>>>;
  readonly coverage: number;
}

/** Sums of a few products of doubles, against exact fractions rounded once. */
const ROUNDING = 1e-12;

/** Where an aggregator gives another number, one line each. */
export function aggregatorMismatches(cases: readonly AggregatorCase[]): readonly string[] {
  return cases.flatMap(({ name, rubric, verdicts, scores, coverage }) =>
    Object.entries(scores).flatMap(([aggregator, expected]) => {
      const got = AGGREGATORS[aggregator as AggregatorName](rubric, verdicts);
      return same(got.score, expected) && same(got.coverage, coverage)
        ? []
        : [
            `${name}, ${aggregator}: ${got.score} at coverage ${got.coverage}, not ${expected} at ${coverage}`,
          ];
    }),
  );
}

const same = (a: number | null, b: number | null): boolean =>
  a === null || b === null ? a === b : Math.abs(a - b) <= ROUNDING;

/** Random verdicts with the scores that `aggregators.py` computed from the formulas in exact fractions. */
export function computedCases(): readonly AggregatorCase[] {
  const { cases } = JSON.parse(readFileSync(new URL("aggregators.json", import.meta.url), "utf8")) as {
    readonly cases: readonly {
      readonly criteria: readonly Criterion[];
      readonly values: readonly (number | null)[];
      readonly met: readonly (number | null)[];
      readonly unmet: readonly (number | null)[];
      readonly scores: Readonly<Record<AggregatorName, number | null>>;
      readonly coverage: number;
    }[];
  };
  return cases.map(({ criteria, values, met, unmet, scores, coverage }, i) => ({
    name: `computed ${i + 1}`,
    rubric: { criteria },
    verdicts: values.map((value, j): CriterionVerdict => {
      if (value === null)
        return j % 2 === 0
          ? { status: "abstained", reason: null }
          : { status: "failed", kind: "timeout", detail: "x" };
      const probability = met[j] === null ? {} : { probability: { met: met[j]!, unmet: unmet[j]! } };
      return { status: "scored", value, ...probability, reason: null };
    }),
    scores,
    coverage,
  }));
}

const criterion = (id: string, weight: number, more: Partial<Criterion> = {}): Criterion => ({
  id,
  text: id,
  weight,
  polarity: weight < 0 ? "bad" : "good",
  ...more,
});
const yes: CriterionVerdict = { status: "scored", value: 1, reason: null };
const no: CriterionVerdict = { status: "scored", value: 0, reason: null };
const missing: CriterionVerdict = { status: "failed", kind: "infrastructure", detail: "x" };

/** Weighted criteria of which those in `failed` (places from 1) are not met. */
function failing(
  name: string,
  weights: readonly number[],
  failed: readonly number[],
  score: number,
  of: number,
) {
  return {
    name,
    rubric: { criteria: weights.map((weight, i) => criterion(`c${i + 1}`, weight)) },
    verdicts: weights.map((_, i) => (failed.includes(i + 1) ? no : yes)),
    scores: { "chasing-the-tail": score / of, "chasing-the-tail-sum": score },
    coverage: 1,
  };
}

const PITFALL = { category: "pitfall" } as const;

/** Cases computed by hand; the first four are the example of Chasing the Tail, appendix I. */
export const HAND_COMPUTED_CASES: readonly AggregatorCase[] = [
  failing("appendix I, initial rubric, response 1", [3, 3, 3, 3, 2, 2, 2, 1, 1], [7], 18, 20),
  failing("appendix I, initial rubric, response 2", [3, 3, 3, 3, 2, 2, 2, 1, 1], [7], 18, 20),
  failing("appendix I, refined rubric, response 1", [3, 3, 3, 3, 2, 2, 2, 2, 2, 1, 1, 3], [9], 25, 27),
  failing("appendix I, refined rubric, response 2", [3, 3, 3, 3, 2, 2, 2, 2, 2, 1, 1, 3], [7, 9, 11], 22, 27),
  {
    name: "a pitfall that is good when true and one that is bad when true, both avoided",
    rubric: {
      criteria: [
        criterion("essential", 5, { category: "essential" }),
        criterion("important", 3, { category: "important" }),
        criterion("avoids x", -1, { ...PITFALL, polarity: "good" }),
        criterion("does not mention x", -2, PITFALL),
      ],
    },
    verdicts: [yes, no, yes, no],
    // RaR: (1 + 0 + 0.9 + 0.9) / 3.5. Points: 5, 3, 1, −2 of which 5 and 1 are earned.
    scores: {
      "rar-explicit": 2.8 / 3.5,
      "rar-explicit-v1": 2.6 / 3.3,
      healthbench: 6 / 9,
      clamped: 6 / 9,
      absolute: 6 / 11,
      mean: 0.75,
    },
    coverage: 1,
  },
  {
    name: "undesirable things outweigh",
    rubric: { criteria: [criterion("a", 5), criterion("b", 5), criterion("c", -8)] },
    verdicts: [yes, no, yes],
    scores: { healthbench: -0.3, clamped: 0, absolute: -3 / 18, all: 0, any: 1, min: 0, max: 1 },
    coverage: 1,
  },
  {
    name: "only negative criteria",
    rubric: { criteria: [criterion("a", -4), criterion("b", -1)] },
    verdicts: [no, yes],
    scores: { clamped: 0.8, healthbench: null, absolute: -0.2 },
    coverage: 1,
  },
  {
    name: "a missing verdict is no verdict",
    rubric: { criteria: [criterion("a", 2), criterion("b", 1), criterion("c", -1)] },
    verdicts: [yes, no, missing],
    scores: { clamped: 2 / 3, healthbench: 2 / 3, "chasing-the-tail-sum": null, all: 0, any: 1, mean: 0.5 },
    coverage: 0.75,
  },
  {
    name: "nothing judged",
    rubric: { criteria: [criterion("a", 2, PITFALL), criterion("b", 1, PITFALL)] },
    verdicts: [missing, missing],
    scores: Object.fromEntries(Object.keys(AGGREGATORS).map((name) => [name, null])),
    coverage: 0,
  },
  {
    name: "a gate that fails, with perfect principles",
    rubric: {
      criteria: [criterion("a", 1, { kind: "hard-rule" }), criterion("b", 1, { kind: "principle" })],
    },
    verdicts: [no, yes],
    scores: { gated: 0, arrow: (-3 + 1) / 4, "arrow-sum": -2, "arrow-uniform-sum": 0 },
    coverage: 1,
  },
  {
    name: "probabilities",
    rubric: { criteria: [criterion("a", 1, { kind: "hard-rule" }), criterion("b", 1)] },
    verdicts: [
      { status: "scored", value: 1, probability: { met: 0.75, unmet: 0.25 }, reason: null },
      { status: "scored", value: 0, probability: { met: 0, unmet: 0.5 }, reason: null },
    ],
    scores: { arrow: (3 * 0.5 - 0.5) / 4, "arrow-sum": 1, "arrow-uniform-sum": 0 },
    coverage: 1,
  },
];
