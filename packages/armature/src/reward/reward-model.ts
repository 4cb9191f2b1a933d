import type { Prompt } from "../data/prompt.ts";
import { ConfigError } from "../errors.ts";
import type { RubricJudge, RubricJudgement } from "../judge/rubric-judge.ts";
import type { CallOptions, Usage } from "../llm/language-model.ts";
import type { Rubric } from "../rubric/rubric.ts";
import type { Aggregate, Aggregator } from "./aggregate.ts";
import { type RatingReward, ratingRange } from "./rating-reward.ts";

/** A response's reward. `value` is null where the judge failed or too little was judged: mask it, never take it for zero. */
export interface Reward {
  readonly value: number | null;
  /** Share of the rubric's weight that was judged, 0 to 1; of a rating 1 where there is one. */
  readonly coverage: number;
  readonly judgement: RubricJudgement;
  readonly usage: Usage;
}

/** What a response is judged by beside its prompt. */
export interface RewardEvidence {
  /** Default: what the model knows for the prompt. */
  readonly rubric?: Rubric;
  readonly reference?: string;
}

/** Gives responses a number, for training and for serving. */
export interface RewardModel {
  /** Judge and aggregation: equal ids reward alike. */
  readonly id: string;
  /** Rejects where it was aborted, and with `ConfigError` where there is no rubric for the prompt; a judge's failure is a null value. */
  score(prompt: Prompt, response: string, evidence?: RewardEvidence, options?: CallOptions): Promise<Reward>;
}

/** What a reward model of rubrics is made of. */
export interface RubricRewardSettings {
  readonly judge: RubricJudge;
  /** The aggregator's name, part of the reward model's id. */
  readonly aggregation: string;
  readonly aggregate: Aggregator;
  /** For judges that rate as a whole; default (rating − lowest) / (highest − lowest). */
  readonly ratingReward?: RatingReward;
  /** The rubric of a prompt that comes without one; null where there is none. */
  readonly rubricOf?: (prompt: Prompt) => Rubric | null;
}

/** A judge and an aggregator as a reward model. */
export function rubricRewardModel(settings: RubricRewardSettings): RewardModel {
  const { judge, aggregation, aggregate, ratingReward = ratingRange, rubricOf } = settings;
  return {
    id: `${aggregation}(${judge.id})`,
    async score(prompt, response, { rubric = rubricOf?.(prompt) ?? undefined, reference } = {}, options) {
      if (rubric === undefined)
        throw new ConfigError(`prompt ${prompt.id} has no rubric; give one with the response or by rubricOf`);
      const task = { prompt, response, rubric, ...(reference !== undefined && { reference }) };
      const judgement = await judge.judge(task, options);
      const { score, coverage } = scoreJudgement(rubric, judgement, aggregate, ratingReward);
      return { value: score, coverage, judgement, usage: judgement.usage };
    },
  };
}

/** A judgement's score: of its rating where the judge rates as a whole, else of its verdicts. */
export function scoreJudgement(
  rubric: Rubric,
  { verdicts, rating }: RubricJudgement,
  aggregate: Aggregator,
  ratingReward: RatingReward,
): Aggregate {
  if (rating === null) return aggregate(rubric, verdicts);
  const score = ratingReward(rating);
  return { score, coverage: score === null ? 0 : 1 };
}
