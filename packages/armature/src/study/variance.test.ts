import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkVariance } from "./variance-identities.ts";
import { cycleOutcome, judgeBlockVariance, SCHEDULES } from "./variance-schedules.ts";
import { studyVariance } from "./variance-study.ts";
import {
  randomToy,
  squaredNorm,
  toyObjective,
  toyScores,
  type VarianceToy,
  type Vector,
} from "./variance-toy.ts";

const anyToy = fc.integer({ min: 0, max: 1_000_000 }).map((index) => randomToy(1, index));

/** Two rubrics, equally likely; two outcomes, 3 : 1 for the correct one under the first rubric, 1 : 1 under the second. */
const BY_HAND: VarianceToy = {
  rubricFeatures: [[1], [-1]],
  outcomeFeatures: [
    [[Math.log(3)], [0]],
    [[2], [2]],
  ],
  generator: [0],
  judge: [1],
};

/** Central differences of a function of a vector. */
function gradient(of: (at: Vector) => number, at: Vector): Vector {
  const step = 1e-5;
  return at.map((_, k) => {
    const shifted = (by: number) => of(at.map((value, i) => (i === k ? value + by : value)));
    return (shifted(step) - shifted(-step)) / (2 * step);
  });
}

describe("a toy", () => {
  it("by hand", () => {
    const scores = toyScores(BY_HAND);
    expect(scores.rubricProbability).toEqual([0.5, 0.5]);
    expect(scores.outcomeProbability[0]![0]).toBeCloseTo(0.75, 12);
    expect(scores.rubricScore).toEqual([[1], [-1]]);
    expect(scores.outcomeScore[0]![0]![0]).toBeCloseTo(0.25 * Math.log(3), 12);
    // Equal features move no probability.
    expect(scores.outcomeScore[1]).toEqual([[0], [0]]);
    expect(toyObjective(BY_HAND, [0], [1])).toBeCloseTo(0.625, 12);
  });

  it("has score functions that are the gradients of log probabilities", () => {
    fc.assert(
      fc.property(anyToy, (toy) => {
        const { rubricScore, outcomeScore } = toyScores(toy);
        const ofRubric = gradient((at) => Math.log(toyScores(toy, at).rubricProbability[1]!), toy.generator);
        const ofOutcome = gradient(
          (at) => Math.log(toyScores(toy, toy.generator, at).outcomeProbability[0]![1]!),
          toy.judge,
        );
        for (const [k, value] of ofRubric.entries()) expect(value).toBeCloseTo(rubricScore[1]![k]!, 5);
        for (const [k, value] of ofOutcome.entries()) expect(value).toBeCloseTo(outcomeScore[0]![1]![k]!, 5);
      }),
      { numRuns: 30 },
    );
  });
});

describe("section 5", () => {
  it("by hand", () => {
    const check = checkVariance(toyScores(BY_HAND));
    const judgeNorm = (0.25 * Math.log(3)) ** 2;
    expect(check.judge[0]!.formula).toBeCloseTo(0.75 * 0.25 * judgeNorm, 12);
    expect(check.judge[1]!.formula).toBe(0);
    // E[p(1 − p)] = (3/16 + 1/4) / 2; E[p²] − (E[p·u])² = (9/16 + 1/4) / 2 − (1/8)².
    expect(check.rewardNoise).toBeCloseTo(7 / 32, 12);
    expect(check.inconsistency).toBeCloseTo(13 / 32 - 1 / 64, 12);
    expect(check.generator.enumerated).toBeCloseTo(7 / 32 + 13 / 32 - 1 / 64, 12);
    expect(check.c1).toBeCloseTo(1 - 1 / 64 / (13 / 32), 12);
    expect(check).toMatchObject({ assumption: true, theorem: true });
    // Without a score of the judge there, any ratio exceeds the threshold.
    expect(check.ratios[1]!.ratio).toBe(Number.POSITIVE_INFINITY);
  });

  it("holds at every toy: identities by enumeration, and the theorem wherever its assumption does", () => {
    fc.assert(
      fc.property(anyToy, (toy) => {
        const check = checkVariance(toyScores(toy));
        for (const { formula, enumerated } of [...check.judge, check.generator, check.excess])
          expect(Math.abs(formula - enumerated)).toBeLessThan(
            1e-10 * (1 + check.generator.formula + check.meanJudge),
          );
        if (check.assumption) expect(check.theorem).toBe(true);
      }),
    );
  });

  it("is not always so: the claim is false at some toys that break the assumption", () => {
    const { assumption, counterExamples } = studyVariance({ seed: 0, toys: 40, judgements: 1 });
    expect(assumption.holds + assumption.fails).toBe(40);
    expect(assumption.theoremWhereItHolds).toBe(assumption.holds);
    expect(assumption.holds).toBeGreaterThan(0);
    expect(assumption.theoremWhereItFails).toBeLessThan(assumption.fails);
    for (const { toy } of counterExamples)
      expect(checkVariance(toyScores(randomToy(0, toy)))).toMatchObject({
        theorem: false,
        assumption: false,
      });
  });
});

describe("schedules", () => {
  it("improve by the squared gradient of J where steps are small, in any order", () => {
    fc.assert(
      fc.property(anyToy, fc.integer({ min: 1, max: 2 }), (toy, judgements) => {
        const slope =
          squaredNorm(gradient((at) => toyObjective(toy, at, toy.judge), toy.generator)) +
          squaredNorm(gradient((at) => toyObjective(toy, toy.generator, at), toy.judge));
        // The second-order part of the improvement, relative to the first, falls with the step.
        const step = 1e-5 / (1 + Math.max(...toy.rubricFeatures.flat(), ...toy.outcomeFeatures.flat(2)) ** 2);
        for (const schedule of SCHEDULES) {
          const { improvement } = cycleOutcome(toy, schedule, step, judgements);
          expect(Math.abs(improvement / step - slope)).toBeLessThan(1e-3 * slope + 1e-4);
        }
      }),
      { numRuns: 15 },
    );
  });

  it("by hand: one judgement, both players at once", () => {
    // Correct with the first rubric 3/8, with the second 1/4: θ_r moves by ±0.1, θ_j by 0.1 · 0.25 ln 3 or not.
    const [judge, j] = [1 + 0.1 * 0.25 * Math.log(3), toyObjective(BY_HAND, [0], [1])];
    const changes = [
      [3 / 8, toyObjective(BY_HAND, [0.1], [judge]) - j],
      [1 / 4, toyObjective(BY_HAND, [-0.1], [1]) - j],
    ] as const;
    const mean = changes.reduce((sum, [p, change]) => sum + p * change, 0);
    const square = changes.reduce((sum, [p, change]) => sum + p * change ** 2, 0);
    const outcome = cycleOutcome(BY_HAND, "simultaneous, half the judgements", 0.1, 1);
    expect(outcome.improvement).toBeCloseTo(mean, 12);
    expect(outcome.deviation).toBeCloseTo(Math.sqrt(square - mean ** 2), 12);
  });

  it("a frozen rubric hides variance between rubrics and does not average it out", () => {
    fc.assert(
      fc.property(anyToy, fc.integer({ min: 2, max: 50 }), (toy, judgements) => {
        const one = judgeBlockVariance(toy, 1);
        const many = judgeBlockVariance(toy, judgements);
        const checked = checkVariance(toyScores(toy));
        expect(one.frozenGiven).toBeCloseTo(checked.meanJudge, 8);
        expect(one.frozen).toBeCloseTo(one.fresh, 10);
        expect(many.fresh).toBeCloseTo(one.fresh / judgements, 10);
        expect(many.frozen).toBeGreaterThanOrEqual(many.fresh - 1e-9);
        expect(many.frozenGiven).toBeLessThanOrEqual(many.fresh + 1e-9);
      }),
    );
  });
});
