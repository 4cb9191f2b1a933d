import { squaredNorm, type ToyScores, type Vector, weightedSum } from "./variance-toy.ts";

/** A formula's value, and the same by enumeration of every outcome. */
export interface Identity {
  readonly formula: number;
  readonly enumerated: number;
}

/** Section 5 of Rubric-ARM at one toy: two propositions, the assumption and the theorem. */
export interface VarianceCheck {
  /** Var(ĝ_A | r̄) for each rubric (proposition 5.1). */
  readonly judge: readonly Identity[];
  /** Var(ĝ_B) (proposition 5.2). */
  readonly generator: Identity;
  /** Its two parts: multiplicative reward noise, and cross-rubric inconsistency. */
  readonly rewardNoise: number;
  readonly inconsistency: number;
  /** C₁ of assumption 5.3, a share; null where E[p²‖u_r‖²] is 0. */
  readonly c1: number | null;
  /** Per rubric, ‖u_r‖ / ‖u_j‖ and what the assumption wants it to exceed. */
  readonly ratios: readonly { readonly ratio: number; readonly threshold: number }[];
  /** Whether it does for every rubric. */
  readonly assumption: boolean;
  /** E_r̄[Var(ĝ_A | r̄)]. */
  readonly meanJudge: number;
  /** Var(ĝ_B) > E_r̄[Var(ĝ_A | r̄)] (theorem 5.5). */
  readonly theorem: boolean;
  /** Var(ĝ_B) − E_r̄[Var(ĝ_A | r̄)], and the integral of the paper's proof. */
  readonly excess: Identity;
}

/**
 * Variances of the two REINFORCE estimators ĝ_A = R(o)·u_j(o | r̄) and ĝ_B = R(o)·u_r(r), R being 1 for the correct outcome and
 * else 0, by formula and by enumeration. Rubric-ARM, equations 17 to 20; the score of the judge in 5.3 is that of the correct
 * outcome.
 */
export function checkVariance(scores: ToyScores): VarianceCheck {
  const { rubricProbability, outcomeProbability, rubricScore, outcomeScore } = scores;
  const expected = (value: (rubric: number) => number) =>
    rubricProbability.reduce((sum, probability, r) => sum + probability * value(r), 0);
  const p = outcomeProbability.map((outcomes) => outcomes[0]!);
  const generatorNorm = rubricScore.map(squaredNorm);
  const judgeNorm = outcomeScore.map((outcomes) => squaredNorm(outcomes[0]!));

  const judge = outcomeProbability.map((outcomes, r) => ({
    formula: p[r]! * (1 - p[r]!) * judgeNorm[r]!,
    enumerated: enumeratedVariance(outcomes, (o) => outcomeScore[r]![o]!.map((value) => rewardOf(o) * value)),
  }));
  const rewardNoise = expected((r) => p[r]! * (1 - p[r]!) * generatorNorm[r]!);
  const second = expected((r) => p[r]! ** 2 * generatorNorm[r]!);
  const mean = weightedSum(
    rubricProbability.map((probability, r) => probability * p[r]!),
    rubricScore,
  );
  const inconsistency = second - squaredNorm(mean);
  const draws = outcomeProbability.flatMap((outcomes, r) =>
    outcomes.map((probability, o) => ({ r, o, probability })),
  );
  const generator = {
    formula: rewardNoise + inconsistency,
    enumerated: enumeratedVariance(
      draws.map(({ r, probability }) => rubricProbability[r]! * probability),
      (i) => rubricScore[draws[i]!.r]!.map((value) => rewardOf(draws[i]!.o) * value),
    ),
  };
  const c1 = second === 0 ? null : inconsistency / second;
  const ratios = p.map((correct, r) => ({
    ratio: Math.sqrt(generatorNorm[r]! / judgeNorm[r]!),
    threshold: Math.sqrt((1 - correct) / (1 - correct + (c1 ?? 0) * correct)),
  }));
  const meanJudge = expected((r) => judge[r]!.enumerated);
  return {
    judge,
    generator,
    rewardNoise,
    inconsistency,
    c1,
    ratios,
    assumption: ratios.every(({ ratio, threshold }) => ratio > threshold),
    meanJudge,
    theorem: generator.enumerated > meanJudge,
    excess: {
      enumerated: generator.enumerated - meanJudge,
      formula: expected(
        (r) => p[r]! * (generatorNorm[r]! * (1 - p[r]! + (c1 ?? 0) * p[r]!) - judgeNorm[r]! * (1 - p[r]!)),
      ),
    },
  };
}

/** Outcome 0 is the correct one. */
const rewardOf = (outcome: number): number => Number(outcome === 0);

/** E‖g‖² − ‖E g‖² over all draws. */
function enumeratedVariance(probabilities: Vector, gradient: (draw: number) => Vector): number {
  const gradients = probabilities.map((_, i) => gradient(i));
  const square = probabilities.reduce(
    (sum, probability, i) => sum + probability * squaredNorm(gradients[i]!),
    0,
  );
  return square - squaredNorm(weightedSum(probabilities, gradients));
}
