import type { AdamParams, KlEstimator } from "@armature/tinker";
import type { ArmRecipe } from "../config/recipe-schema.ts";
import type { AdvantageStd } from "./advantages.ts";
import type { LossNormalization } from "./grpo.ts";
import type { LearningRateSchedule } from "./learning-rate.ts";

/** What both phases of a round have. */
export interface PhaseSettings {
  /** Completions per pair (judge) or per prompt (generator). */
  readonly groupSize: number;
  readonly pairsPerBatch: number;
  /** How often a phase goes through the round's pairs. */
  readonly passes: number;
  /** Optimizer steps per pass over a batch's rollouts. */
  readonly minibatches: number;
  /** Passes over the same rollouts. */
  readonly innerUpdates: number;
  readonly learningRate: number;
  readonly temperature: number;
  readonly klBeta: number;
  readonly klEstimator: KlEstimator;
}

/** Rubric-ARM's settings with the switches that its ablations need. Table 9 of the paper gives the `paper` preset. */
export interface ArmSettings {
  readonly seed: number;
  readonly rounds: number;
  readonly pairsPerRound: number;
  /** Who is updated first in a round; `simultaneous` lets judge and generator steps take turns on fresh rubrics. */
  readonly order: "judge-first" | "generator-first" | "simultaneous";
  /** One rubric per pair, sampled once a round and reused (eq. 6); false gives every rollout a fresh rubric of its own. */
  readonly cacheRubrics: boolean;
  /** Temperature at which the cached rubrics are sampled; the paper does not state it. */
  readonly cacheTemperature: number;
  readonly trainJudge: boolean;
  readonly trainGenerator: boolean;
  /** This rubric for every prompt in place of the generator's. */
  readonly staticRubric: string | null;
  /** R = [winner correct] + formatReward · [form kept]; the paper does not publish the scale. */
  readonly judge: PhaseSettings & { readonly formatReward: number };
  /** R = [the frozen judge, greedy, is correct]; a malformed or repetitive rubric earns invalidReward and is not judged. */
  readonly generator: PhaseSettings & { readonly invalidReward: number };
  readonly clipLow: number;
  readonly clipHigh: number;
  readonly advantageStd: AdvantageStd;
  readonly lossNormalization: LossNormalization;
  readonly constantGroups: "drop" | "keep";
  /** Of the learning rate over the rounds. */
  readonly learningRateSchedule: LearningRateSchedule;
  /** Optimizer settings without the learning rate. */
  readonly adam: Omit<AdamParams, "learning_rate">;
}

/** A recipe's numbers as the loop takes them. */
export function armSettings(recipe: ArmRecipe): ArmSettings {
  const { seed, rounds, pairsPerRound, order, cacheRubrics, cacheTemperature } = recipe;
  const { trainJudge, trainGenerator, staticRubric, judge, generator, grpo, adam } = recipe;
  return {
    ...{ seed, rounds, pairsPerRound, order, cacheRubrics, cacheTemperature },
    ...{ trainJudge, trainGenerator, staticRubric, judge, generator },
    ...grpo,
    adam: adamParams(adam),
  };
}

/** A recipe's optimizer section in the protocol's names. */
export function adamParams(adam: ArmRecipe["adam"]): Omit<AdamParams, "learning_rate"> {
  return {
    beta1: adam.beta1,
    beta2: adam.beta2,
    eps: adam.epsilon,
    weight_decay: adam.weightDecay,
    grad_clip_norm: adam.clipNorm,
  };
}
