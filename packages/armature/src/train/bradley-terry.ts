import type { ScoreLossResult } from "@armature/engine";

/** Scores of a pair's responses and what its loss reads beside them. */
export interface ScoredPair {
  readonly chosen: number;
  readonly rejected: number;
  /** Least difference of scores that is asked for; default 0. */
  readonly margin?: number;
  /** Difference above which the prior constraint pulls back (`priorBound`); null where there is none. */
  readonly bound?: number | null;
}

/** The loss of a batch of pairs. */
export interface BradleyTerryLoss {
  /** Mean over the pairs. */
  readonly loss: number;
  /** dLoss/dscore per pair. */
  readonly gradients: readonly { readonly chosen: number; readonly rejected: number }[];
}

/**
 * Mean over pairs of −ln σ(r⁺ − r⁻ − m) + c·(r⁺ + r⁻)² − ln σ(δ − (r⁺ − r⁻)), the last term where a pair has a bound δ.
 * The first is Bradley and Terry's likelihood of the preference (Biometrika 1952), with the margin m of Llama 2
 * (arXiv 2307.09288, eq. 2); the second keeps scores around zero, which differences leave open (arXiv 2312.09244; trl's
 * `center_rewards_coefficient`); the third is PCRM's (arXiv 2404.00978). Zero without pairs.
 */
export function bradleyTerryLoss(pairs: readonly ScoredPair[], centring: number): BradleyTerryLoss {
  let sum = 0;
  const gradients = pairs.map(({ chosen, rejected, margin = 0, bound = null }) => {
    const difference = chosen - rejected;
    const total = chosen + rejected;
    sum += softplus(margin - difference) + centring * total * total;
    let slope = -sigmoid(margin - difference);
    if (bound !== null) {
      sum += softplus(difference - bound);
      slope += sigmoid(difference - bound);
    }
    const pull = 2 * centring * total;
    return { chosen: (pull + slope) / pairs.length, rejected: (pull - slope) / pairs.length };
  });
  return { loss: pairs.length === 0 ? 0 : sum / pairs.length, gradients };
}

/**
 * The same as a loss of a scalar model over the scores of chosen, rejected, chosen, rejected …, with what a log wants to know:
 * `accuracy` (ties count half), `difference` and `score`, means over the pairs.
 */
export function pairwiseScoreLoss(
  scores: ArrayLike<number>,
  terms: readonly Pick<ScoredPair, "margin" | "bound">[],
  centring: number,
): ScoreLossResult {
  const pairs = terms.map((term, i) => ({ ...term, chosen: scores[2 * i]!, rejected: scores[2 * i + 1]! }));
  const { loss, gradients } = bradleyTerryLoss(pairs, centring);
  const mean = (value: (pair: ScoredPair) => number) =>
    pairs.reduce((sum, pair) => sum + value(pair), 0) / pairs.length;
  return {
    loss,
    gradients: gradients.flatMap(({ chosen, rejected }) => [chosen, rejected]),
    metrics: {
      accuracy: mean(({ chosen, rejected }) => (1 + Math.sign(chosen - rejected)) / 2),
      difference: mean(({ chosen, rejected }) => chosen - rejected),
      score: mean(({ chosen, rejected }) => (chosen + rejected) / 2),
    },
  };
}

/** ln(1 + eˣ) without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}
