import { SeededStream } from "@armature/engine";
import type { Sampler, TrainingModel } from "@armature/tinker";
import type { GrpoRecipe } from "../../config/policy-recipe.ts";
import type { Prompt } from "../../data/prompt.ts";
import type { PolicyReward } from "../../reward/policy-reward.ts";
import { type GrpoMetrics, grpoUpdate } from "../../train/grpo.ts";
import { batchOf } from "../policy-data.ts";
import { greedyResponses, samplePolicy } from "../policy-rollouts.ts";
import type { Writer } from "../writer.ts";
import { grpoSettings } from "./grpo-settings.ts";

/** What the plain loop works with. */
export interface MinimalGrpo {
  readonly recipe: GrpoRecipe;
  readonly model: TrainingModel;
  /** The policy that the KL term holds on to. */
  readonly base: Sampler;
  readonly writer: Writer;
  readonly prompts: readonly Prompt[];
  readonly reward: PolicyReward;
}

/**
 * Online GRPO as a plain loop, to be read before `grpo-run.ts`: sample, reward, update, one after the other. No logs, no
 * resume, no pipeline, and none of the switches that change a batch. The full loop at staleness 0 takes the same steps, bit
 * for bit. Gives what each update saw.
 */
export async function minimalGrpo(task: MinimalGrpo, steps: number): Promise<readonly GrpoMetrics[]> {
  const { recipe, model, base, writer, prompts, reward } = task;
  const { groupSize: count, temperature, seed } = recipe;
  const seen: GrpoMetrics[] = [];
  for (let step = 0; step < steps; step++) {
    const batch = batchOf(prompts, recipe.promptsPerBatch, step, seed);
    const sampler = await model.samplerNow().result;
    const names = ["policy rollouts", step];
    const sampled = await samplePolicy(sampler, writer, batch, { count, temperature, seed, names });
    const greedy = reward.needsGreedy ? await greedyResponses(sampler, writer, batch) : undefined;
    await sampler.dispose();

    const rewards = await reward.reward(
      sampled.map(({ prompt, responses }, i) => ({
        prompt,
        responses: responses.map(({ text }) => text),
        tokens: responses.map(({ tokens }) => tokens.length),
        ...(greedy && { greedy: greedy[i]! }),
      })),
    );

    const groups = sampled.map(({ promptTokens: prompt, responses }, i) =>
      responses.map(({ tokens, logprobs }, j) => ({
        prompt,
        tokens,
        logprobs,
        reward: rewards[i]![j]!.value,
      })),
    );
    const order = new SeededStream(seed, "policy minibatches", step);
    seen.push(await grpoUpdate({ model, reference: base }, groups, grpoSettings(recipe, step), order));
  }
  return seen;
}
