import { SeededStream } from "@armature/engine";
import type { Sampler } from "@armature/tinker";
import type { GrpoRecipe } from "../../config/policy-recipe.ts";
import type { Prompt } from "../../data/prompt.ts";
import type { PolicyReward, ResponseReward } from "../../reward/policy-reward.ts";
import { isConstantGroup } from "../../train/advantages.ts";
import { greedyResponses, type SampledPrompt, samplePolicy } from "../policy-rollouts.ts";
import type { Writer } from "../writer.ts";
import { overlongPenalty } from "./overlong.ts";
import { observed } from "./pipeline.ts";

/** A prompt's responses, and what they earned. */
export interface RewardedPrompt extends SampledPrompt {
  readonly rewards: readonly ResponseReward[];
}

/** Responses that are still to be rewarded. */
export interface UnrewardedPrompt extends SampledPrompt {
  /** The greedy response that a relative reward compares with. */
  readonly greedy?: string;
}

/** What one update may train on. */
export interface GrpoBatch {
  readonly index: number;
  /** Updates that the weights had which sampled it. */
  readonly sampledAt: number;
  /** Every prompt that was sampled for the batch, refills last. */
  readonly prompts: readonly RewardedPrompt[];
  readonly refilledPrompts: number;
}

/** A batch as far as it is: rewarded, or sampled alone. */
export type BatchProgress =
  | { readonly kind: "rewarded"; readonly batch: GrpoBatch }
  | {
      readonly kind: "sampled";
      readonly index: number;
      readonly sampledAt: number;
      readonly prompts: readonly UnrewardedPrompt[];
    };

/** A batch under way. */
export interface BatchUnderWay {
  readonly batch: Promise<GrpoBatch>;
  /** Resolves as soon as nothing that is left to do needs the weights that sample it. */
  readonly movable: Promise<BatchProgress>;
}

/** What makes batches. */
export interface BatchMaking {
  readonly recipe: GrpoRecipe;
  readonly writer: Writer;
  readonly reward: PolicyReward;
  readonly train: readonly Prompt[];
  readonly signal: AbortSignal;
}

/** Samples and rewards a batch, and refills it where the recipe says so. `sampler` is given back in the end. */
export function makeBatch(
  making: BatchMaking,
  { index, sampledAt, prompts }: { index: number; sampledAt: number; prompts: readonly Prompt[] },
  sampler: Promise<Sampler>,
): BatchUnderWay {
  const sampled = sampler.then(async (opened): Promise<BatchProgress> => {
    const unrewarded = await sampleBatch(making, opened, index, prompts);
    return { kind: "sampled", index, sampledAt, prompts: unrewarded };
  });
  const rewarded = sampled.then((progress) => finishBatch(making, progress));
  if (making.recipe.refills === 0)
    return { movable: observed(sampled), batch: giving(sampler, sampled, rewarded) };
  const full = rewarded.then(async (batch) => refilled(making, batch, await sampler));
  const batch = giving(sampler, full, full);
  return { batch, movable: observed(batch.then((made) => ({ kind: "rewarded", batch: made }))) };
}

/** `result`, once the sampler is given back, which happens after `used` and keeps no reward waiting. */
async function giving<T>(sampler: Promise<Sampler>, used: Promise<unknown>, result: Promise<T>): Promise<T> {
  const given = used.finally(async () => (await sampler).dispose());
  const [value] = await Promise.all([result, given]);
  return value;
}

/** What is left to do once no weights are needed. */
export async function finishBatch(making: BatchMaking, progress: BatchProgress): Promise<GrpoBatch> {
  if (progress.kind === "rewarded") return progress.batch;
  const { index, sampledAt, prompts } = progress;
  return { index, sampledAt, prompts: await rewardBatch(making, prompts), refilledPrompts: 0 };
}

/** Groups that can teach: their rewards differ. */
export const isVaried = ({ rewards }: RewardedPrompt): boolean =>
  !isConstantGroup(rewards.map(({ value }) => value));

/**
 * Dynamic sampling (DAPO, section 3.2): further prompts until the batch has as many groups with differing rewards as it has
 * prompts. Each refill takes as many prompts as groups are missing; after `recipe.refills` of them, or where no prompts are
 * left, the batch stays as it is.
 */
async function refilled(making: BatchMaking, batch: GrpoBatch, sampler: Sampler): Promise<GrpoBatch> {
  const { recipe, train } = making;
  const taken = new Set(batch.prompts.map(({ prompt }) => prompt.id));
  const spare = new SeededStream(recipe.seed, "policy refill", batch.index)
    .shuffled(train)
    .filter(({ id }) => !taken.has(id));
  const prompts = [...batch.prompts];
  let used = 0;
  for (let refill = 0; refill < recipe.refills; refill++) {
    const missing = recipe.promptsPerBatch - prompts.filter(isVaried).length;
    const next = spare.slice(used, used + Math.max(0, missing));
    if (next.length === 0) break;
    used += next.length;
    prompts.push(...(await rewardBatch(making, await sampleBatch(making, sampler, batch.index, next))));
  }
  return { ...batch, prompts, refilledPrompts: used };
}

async function sampleBatch(
  { recipe, writer, reward }: BatchMaking,
  sampler: Sampler,
  index: number,
  prompts: readonly Prompt[],
): Promise<readonly UnrewardedPrompt[]> {
  const { groupSize: count, temperature, seed } = recipe;
  const names = ["policy rollouts", index];
  const sampled = await samplePolicy(sampler, writer, prompts, { count, temperature, seed, names });
  if (!reward.needsGreedy) return sampled;
  const greedy = await greedyResponses(sampler, writer, prompts);
  return sampled.map((prompt, i) => ({ ...prompt, greedy: greedy[i]! }));
}

async function rewardBatch(
  { recipe, reward, signal }: BatchMaking,
  prompts: readonly UnrewardedPrompt[],
): Promise<readonly RewardedPrompt[]> {
  signal.throwIfAborted();
  const rewards = await reward.reward(
    prompts.map(({ prompt, responses, greedy }) => ({
      prompt,
      responses: responses.map(({ text }) => text),
      tokens: responses.map(({ tokens }) => tokens.length),
      ...(greedy !== undefined && { greedy }),
    })),
    { signal },
  );
  return prompts.map(({ prompt, promptTokens, responses }, i) => ({
    ...{ prompt, promptTokens, responses },
    rewards: rewards[i]!.map((earned, j) => withPenalty(earned, responses[j]!.tokens.length, recipe)),
  }));
}

function withPenalty(
  { value, components }: ResponseReward,
  tokens: number,
  { overlong, maxTokens }: GrpoRecipe,
): ResponseReward {
  if (overlong.buffer === 0) return { value, components };
  const penalty = overlongPenalty(tokens, maxTokens, overlong);
  return { value: value === null ? null : value + penalty, components: { ...components, overlong: penalty } };
}
