import type { Prompt } from "../data/prompt.ts";
import { mapConcurrently } from "../llm/map-concurrently.ts";
import { pointwiseReward } from "./pointwise-reward.ts";
import type { PolicyReward } from "./policy-reward.ts";
import type { RewardEvidence, RewardModel } from "./reward-model.ts";

/** A judge by language model as a reward for policies. */
export interface LanguageJudgeRewardSettings {
  readonly model: RewardModel;
  /** Rubric and reference of a prompt; it may throw where there are none. */
  readonly evidenceOf: (prompt: Prompt) => RewardEvidence;
  /** Responses judged at the same time, at least 1. */
  readonly concurrency: number;
}

/**
 * Any reward model of rubrics (RaR explicit, implicit, Likert; Chasing the Tail's normalised score; ARROW's probabilities) as a
 * reward for policies, each distinct response judged once a call. Component: `coverage`, the share of the rubric's weight that was
 * judged.
 */
export function languageJudgeReward({
  model,
  evidenceOf,
  concurrency,
}: LanguageJudgeRewardSettings): PolicyReward {
  return pointwiseReward(model.id, (responses, { signal } = {}) =>
    mapConcurrently(
      responses,
      async ({ prompt, response }, _, siblings) => {
        const options = { signal: siblings, purpose: "judge" };
        const { value, coverage } = await model.score(prompt, response, evidenceOf(prompt), options);
        return { value, components: { coverage } };
      },
      { concurrency, signal },
    ),
  );
}
