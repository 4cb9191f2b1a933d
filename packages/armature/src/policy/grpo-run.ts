import { SeededStream } from "@armature/engine";
import type { TrainingJob, TrainingOutcome } from "../cli/operations.ts";
import type { GrpoRecipe } from "../config/policy-recipe.ts";
import { adamParams } from "../train/arm-settings.ts";
import { type GrpoSettings, grpoUpdate } from "../train/grpo.ts";
import { learningRateFactor } from "../train/learning-rate.ts";
import type { RolloutGroup } from "../train/rollout.ts";
import { batchOf } from "./policy-data.ts";
import { greedyResponses, type SampledPrompt, samplePolicy } from "./policy-rollouts.ts";
import { type PolicyMethod, type PolicyStep, type PolicyTraining, runPolicy } from "./policy-session.ts";

/** Online GRPO of a policy: sample a group of responses a prompt, reward them, one clipped update (Rubric-ARM, section 4.3). */
export function runGrpo(job: TrainingJob<GrpoRecipe>): Promise<TrainingOutcome> {
  return runPolicy(job, async (training) => new GrpoMethod(training));
}

class GrpoMethod implements PolicyMethod {
  readonly totalSteps: number;
  readonly #training: PolicyTraining<GrpoRecipe>;

  constructor(training: PolicyTraining<GrpoRecipe>) {
    this.#training = training;
    this.totalSteps = training.recipe.steps;
  }

  async step(index: number): Promise<PolicyStep> {
    const { recipe, model, base, writer, data, reward } = this.#training;
    const prompts = batchOf(data.train, recipe.promptsPerBatch, index, recipe.seed);
    const sampler = await model.samplerNow().result;
    let sampled: readonly SampledPrompt[];
    let greedy: readonly string[] | undefined;
    try {
      const { groupSize: count, temperature, seed } = recipe;
      const names = ["policy rollouts", index];
      sampled = await samplePolicy(sampler, writer, prompts, { count, temperature, seed, names });
      if (reward.needsGreedy) greedy = await greedyResponses(sampler, writer, prompts);
    } finally {
      await sampler.dispose();
    }
    const rewards = await reward.reward(
      sampled.map(({ prompt, responses }, i) => ({
        prompt,
        responses: responses.map(({ text }) => text),
        tokens: responses.map(({ tokens }) => tokens.length),
        ...(greedy && { greedy: greedy[i]! }),
      })),
    );
    const groups = sampled.map(
      ({ promptTokens, responses }, i): RolloutGroup =>
        responses.map(({ tokens, logprobs }, j) => ({
          prompt: promptTokens,
          tokens,
          logprobs,
          reward: rewards[i]![j]!.value,
        })),
    );
    const metrics = await grpoUpdate(
      { model, reference: base },
      groups,
      grpoSettings(recipe, index),
      new SeededStream(recipe.seed, "policy minibatches", index),
    );
    const records = sampled.flatMap(({ prompt, responses }, i) =>
      responses.map(({ text }, j) => ({
        prompt: prompt.id,
        response: text,
        reward: rewards[i]![j]!.value,
        ...rewards[i]![j]!.components,
      })),
    );
    return {
      phase: "grpo",
      metrics: { ...metrics },
      rollouts: { policy: records },
      shown: ["rewardMean", "kl", "completionLength"],
    };
  }
}

function grpoSettings(recipe: GrpoRecipe, step: number): GrpoSettings {
  const { learningRateSchedule, steps, warmupSteps, learningRate } = recipe;
  const factor = learningRateFactor(learningRateSchedule, step, steps, warmupSteps);
  return {
    ...recipe.grpo,
    klBeta: recipe.klBeta,
    klEstimator: recipe.klEstimator,
    minibatches: recipe.minibatches,
    innerUpdates: recipe.innerUpdates,
    maxTokens: recipe.maxTokens,
    adam: { ...adamParams(recipe.adam), learning_rate: learningRate * factor },
  };
}
