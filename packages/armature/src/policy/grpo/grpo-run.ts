import { SeededStream } from "@armature/engine";
import type { TrainingJob, TrainingOutcome } from "../../cli/operations.ts";
import type { GrpoRecipe } from "../../config/policy-recipe.ts";
import type { Prompt } from "../../data/prompt.ts";
import { grpoUpdate } from "../../train/grpo.ts";
import type { RolloutGroup } from "../../train/rollout.ts";
import { mostVaried } from "../../train/rollout-selection.ts";
import { batchOf } from "../policy-data.ts";
import { type PolicyMethod, type PolicyStep, type PolicyTraining, runPolicy } from "../policy-session.ts";
import { batchMetrics } from "./batch-metrics.ts";
import {
  type BatchMaking,
  type BatchProgress,
  type BatchUnderWay,
  finishBatch,
  type GrpoBatch,
  isVaried,
  makeBatch,
} from "./grpo-batch.ts";
import { grpoSettings } from "./grpo-settings.ts";
import { Pipeline } from "./pipeline.ts";
import { PromptCurriculum } from "./prompt-curriculum.ts";
import { loadBatches, saveBatches } from "./saved-batches.ts";

/** Online GRPO of a policy: sample a group of responses a prompt, reward them, one clipped update (Rubric-ARM, section 4.3). */
export function runGrpo(job: TrainingJob<GrpoRecipe>): Promise<TrainingOutcome> {
  return runPolicy(job, async (training) => new GrpoMethod(training));
}

/** What a commit keeps beside the weights. */
interface GrpoSnapshot {
  readonly outcomes?: ReturnType<PromptCurriculum["outcomes"]>;
}

/** The method by itself: a step is an update on the next batch of a pipeline. */
export class GrpoMethod implements PolicyMethod {
  readonly totalSteps: number;
  readonly #training: PolicyTraining<GrpoRecipe>;
  readonly #making: BatchMaking;
  readonly #curriculum: PromptCurriculum | null;
  readonly #pipeline: Pipeline<GrpoBatch>;
  readonly #underWay = new Map<number, BatchUnderWay & { readonly sampledAt: number }>();
  readonly #abort = new AbortController();
  #updates: number;
  #saved: string | null = null;

  constructor(training: PolicyTraining<GrpoRecipe>) {
    const { recipe, writer, reward, data, position, run } = training;
    this.totalSteps = recipe.steps;
    this.#training = training;
    this.#updates = position.steps;
    this.#making = { recipe, writer, reward, train: data.train, signal: this.#abort.signal };
    const { outcomes } = (position.snapshot ?? {}) as GrpoSnapshot;
    this.#curriculum = recipe.curriculum && new PromptCurriculum(recipe.curriculum, outcomes);
    const saved = position.kept["batches"];
    const batches = saved === undefined ? [] : loadBatches(run.checkpointPath(saved), data.train);
    this.#pipeline = new Pipeline(
      { total: recipe.steps, staleness: recipe.staleness, updates: position.steps },
      (index) => this.#start(index),
      new Map(batches.map((progress) => this.#resumed(progress))),
    );
  }

  async step(index: number): Promise<PolicyStep> {
    const { recipe, model, base } = this.#training;
    const batch = await this.#pipeline.next();
    const metrics = await grpoUpdate(
      { model, reference: base },
      trainedGroups(batch, recipe),
      grpoSettings(recipe, index),
      new SeededStream(recipe.seed, "policy minibatches", index),
    );
    const seen = batchMetrics(batch, this.#updates);
    for (const { prompt, rewards } of batch.prompts)
      this.#curriculum?.learn(
        prompt.id,
        rewards.map(({ value }) => value),
      );
    this.#updates += 1;
    this.#underWay.delete(index);
    this.#pipeline.updated();
    return {
      phase: "grpo",
      metrics: { ...metrics, ...seen },
      rollouts: { policy: records(batch) },
      shown: ["rewardMean", "kl", "completionLength"],
    };
  }

  /**
   * Batches that older weights have sampled are saved, for those weights are gone after a resume; a batch that the committed
   * weights sample is sampled again.
   */
  async snapshot(): Promise<GrpoSnapshot> {
    const older = [...this.#underWay.values()].filter(({ sampledAt }) => sampledAt < this.#updates);
    this.#saved = older.length === 0 ? null : `batches-${this.#updates}`;
    if (this.#saved !== null)
      saveBatches(
        this.#training.run.checkpointPath(this.#saved),
        await Promise.all(older.map(({ movable }) => movable)),
      );
    return this.#curriculum ? { outcomes: this.#curriculum.outcomes() } : {};
  }

  kept(): Readonly<Record<string, string>> {
    return this.#saved === null ? {} : { batches: this.#saved };
  }

  async dispose(): Promise<void> {
    this.#abort.abort();
    await this.#pipeline.settled();
  }

  #start(index: number): Promise<GrpoBatch> {
    const sampler = this.#training.model.samplerNow().result;
    const sampledAt = this.#updates;
    const made = makeBatch(this.#making, { index, sampledAt, prompts: this.#prompts(index) }, sampler);
    this.#underWay.set(index, { ...made, sampledAt });
    return made.batch;
  }

  #resumed(progress: BatchProgress): readonly [number, Promise<GrpoBatch>] {
    const { index, sampledAt } = progress.kind === "rewarded" ? progress.batch : progress;
    const batch = finishBatch(this.#making, progress);
    this.#underWay.set(index, { sampledAt, batch, movable: Promise.resolve(progress) });
    return [index, batch];
  }

  #prompts(index: number): readonly Prompt[] {
    const { recipe, data } = this.#training;
    const { promptsPerBatch, seed } = recipe;
    if (!this.#curriculum) return batchOf(data.train, promptsPerBatch, index, seed);
    const candidates = batchOf(data.train, promptsPerBatch * recipe.curriculum!.pool, index, seed);
    const stream = new SeededStream(seed, "policy curriculum", index);
    return this.#curriculum.choose(candidates, promptsPerBatch, stream);
  }
}

/** The groups of a batch that its update takes, by the recipe's switches. */
function trainedGroups(batch: GrpoBatch, recipe: GrpoRecipe): readonly RolloutGroup[] {
  const { refills, promptsPerBatch, trainedRollouts, overlong } = recipe;
  const prompts = refills > 0 ? batch.prompts.filter(isVaried).slice(0, promptsPerBatch) : batch.prompts;
  return prompts.map(({ promptTokens, responses, rewards }) => {
    const group = responses.map(({ tokens, logprobs, cutOff }, i) => ({
      prompt: promptTokens,
      ...{ tokens, logprobs },
      reward: rewards[i]!.value,
      masked: overlong.mask && cutOff,
    }));
    if (trainedRollouts === null) return group;
    const values = group.map(({ reward }) => reward);
    return mostVaried(values, trainedRollouts).map((i) => group[i]!);
  });
}

/** What the log of rollouts tells of a batch. */
function records({ prompts }: GrpoBatch): readonly object[] {
  return prompts.flatMap(({ prompt, responses, rewards }) =>
    responses.map(({ text }, i) => ({
      prompt: prompt.id,
      response: text,
      reward: rewards[i]!.value,
      ...rewards[i]!.components,
    })),
  );
}
