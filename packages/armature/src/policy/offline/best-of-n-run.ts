import type { TrainingJob, TrainingOutcome } from "../../cli/operations.ts";
import type { BestOfNRecipe } from "../../config/policy-recipe.ts";
import { DataError } from "../../errors.ts";
import { distinctPrompts } from "../policy-data.ts";
import { greedyResponses, samplePolicy } from "../policy-rollouts.ts";
import { type PolicyMethod, type PolicyStep, type PolicyTraining, runPolicy } from "../policy-session.ts";
import { bestResponses, type ChosenResponse } from "./best-responses.ts";
import { type RoundContent, RoundFile } from "./round-file.ts";
import { type RoundPlace, RoundSchedule } from "./round-schedule.ts";
import { supervisedBatch } from "./supervised-batch.ts";

/**
 * Supervised training on the best of n responses (rejection sampling; RAFT, Dong 2023): sample, choose and train, for one round
 * or several.
 */
export function runBestOfN(job: TrainingJob<BestOfNRecipe>): Promise<TrainingOutcome> {
  return runPolicy(job, async (training) => new BestOfNMethod(training));
}

class BestOfNMethod implements PolicyMethod {
  readonly totalSteps: number;
  readonly #training: PolicyTraining<BestOfNRecipe>;
  readonly #schedule: RoundSchedule;
  readonly #files: RoundFile<ChosenResponse>;
  #round: { readonly index: number; readonly content: RoundContent<ChosenResponse> } | null = null;

  constructor(training: PolicyTraining<BestOfNRecipe>) {
    const { recipe, data, run } = training;
    const { rounds, promptsPerRound, epochs, batchSize } = recipe;
    const itemsPerRound = Math.min(promptsPerRound, data.train.length);
    this.#training = training;
    this.#schedule = new RoundSchedule({ rounds, itemsPerRound, epochs, batchSize });
    this.#files = new RoundFile(run, "best");
    this.totalSteps = this.#schedule.totalSteps;
  }

  async step(index: number): Promise<PolicyStep> {
    const { recipe, model, writer } = this.#training;
    const place = this.#schedule.placeOf(index);
    const { rows, counts } = await this.#contentOf(place);
    const examples = this.#schedule
      .batchOf(rows, place, recipe.seed)
      .map(({ id, prompt: messages, tokens }) => ({
        prompt: writer.prompt({ id, messages }),
        completion: Int32Array.from(tokens),
      }));
    const metrics = await supervisedBatch(model, examples, recipe, index, this.totalSteps);
    return {
      phase: recipe.rounds > 1 ? `round ${place.round + 1}` : "best-of-n",
      metrics: { round: place.round + 1, ...metrics, ...(place.first && counts) },
      shown: ["loss"],
    };
  }

  async #contentOf(place: RoundPlace): Promise<RoundContent<ChosenResponse>> {
    if (this.#round?.index !== place.round) {
      const make = () => this.#choose(place.round);
      const content = await this.#files.content(place.round, !place.first, make);
      this.#round = { index: place.round, content };
    }
    return this.#round.content;
  }

  /** The policy's own responses of a round, the best by the reward kept. */
  async #choose(round: number): Promise<RoundContent<ChosenResponse>> {
    const { recipe, model, writer, data, reward, progress } = this.#training;
    const { n: count, temperature, seed } = recipe;
    const prompts = distinctPrompts(data.train, recipe.promptsPerRound, round, seed);
    const sampler = await model.samplerNow().result;
    try {
      progress.update({ phase: `round ${round + 1}, sampling`, done: 0, total: prompts.length });
      const names = ["best-of-n responses", round];
      const sampled = await samplePolicy(sampler, writer, prompts, { count, temperature, seed, names });
      const greedy = reward.needsGreedy ? await greedyResponses(sampler, writer, prompts) : null;
      progress.update({ phase: `round ${round + 1}, rewarding`, done: 0, total: prompts.length });
      const { best, counts } = await bestResponses(reward, sampled, greedy);
      if (best.length === 0)
        throw new DataError(
          `round ${round + 1}: no response to ${prompts.length} prompts could be rewarded; look at the reward`,
        );
      return { rows: best, counts: { ...counts } };
    } finally {
      await sampler.dispose();
    }
  }
}
