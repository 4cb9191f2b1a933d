import type { Sampler } from "@armature/tinker";
import type { TrainingJob, TrainingOutcome } from "../../cli/operations.ts";
import { ownComparisons } from "../../config/pairs-recipe.ts";
import type { DpoRecipe } from "../../config/policy-recipe.ts";
import { DataError } from "../../errors.ts";
import { adamParams } from "../../train/arm-settings.ts";
import {
  dpoStep,
  type PairLogprobs,
  pairLogprobs,
  type ReferencedPair,
  type TokenPair,
} from "../../train/dpo.ts";
import { learningRateFactor } from "../../train/learning-rate.ts";
import { distinctPrompts } from "../policy-data.ts";
import { samplePolicy } from "../policy-rollouts.ts";
import { type PolicyMethod, type PolicyStep, type PolicyTraining, runPolicy } from "../policy-session.ts";
import { type LabelCounts, type LabelledPair, labelPreferences } from "./preference-labels.ts";
import { type RoundContent, RoundFile } from "./round-file.ts";
import { type RoundPlace, RoundSchedule } from "./round-schedule.ts";

/**
 * Direct preference optimisation: sample, label and train, for one round or several (Rubric-ARM, section 4.3), or train on
 * given pairs.
 */
export function runDpo(job: TrainingJob<DpoRecipe>): Promise<TrainingOutcome> {
  return runPolicy(job, async (training) => new DpoMethod(training));
}

/** A labelled pair with the round's reference, so that a resumed round needs no earlier weights. */
interface PairRow extends LabelledPair {
  readonly reference: PairLogprobs;
}

class DpoMethod implements PolicyMethod {
  readonly totalSteps: number;
  readonly #training: PolicyTraining<DpoRecipe>;
  readonly #schedule: RoundSchedule;
  readonly #files: RoundFile<PairRow>;
  /** What the present round learns from; null before its first step in this process. */
  #round: { readonly index: number; readonly pairs: readonly LearntPair[] } | null = null;

  constructor(training: PolicyTraining<DpoRecipe>) {
    const { recipe, data, run } = training;
    const { rounds, promptsPerRound, epochs, batchSize, pairs } = recipe;
    const prompts = Math.min(promptsPerRound, data.train.length);
    const itemsPerRound = pairs.kind === "own" ? prompts * ownComparisons(pairs) : data.pairs!.train.length;
    this.#training = training;
    this.#schedule = new RoundSchedule({ rounds, itemsPerRound, epochs, batchSize });
    this.#files = new RoundFile(run, "pairs");
    this.totalSteps = this.#schedule.totalSteps;
  }

  async step(index: number): Promise<PolicyStep> {
    const { recipe, model } = this.#training;
    const place = this.#schedule.placeOf(index);
    const { pairs, counts } = await this.#pairsOf(place);
    const batch = this.#schedule.batchOf(pairs, place, recipe.seed);
    const trained = batch.length === 0 ? null : await this.#referenced(pairs, batch, place);
    const factor = learningRateFactor(
      recipe.learningRateSchedule,
      index,
      this.totalSteps,
      recipe.warmupSteps,
    );
    const adam = { ...adamParams(recipe.adam), learning_rate: recipe.learningRate * factor };
    // A round with fewer pairs than steps has steps without any.
    const metrics = trained && (await dpoStep(model, trained, recipe, adam));
    return {
      phase: recipe.rounds > 1 ? `round ${place.round + 1}` : "dpo",
      metrics: { round: place.round + 1, ...metrics, ...(place.first && counts) },
      shown: ["loss", "margin", "accuracy"],
    };
  }

  /**
   * Fills in what is not known yet. A given pair is measured beside those of its batch of the first epoch, whenever that is: in
   * other company sums are rounded otherwise, and a resumed run would not repeat the numbers of an unbroken one.
   */
  async #referenced(
    pairs: readonly LearntPair[],
    batch: readonly LearntPair[],
    { epoch, round }: RoundPlace,
  ): Promise<readonly ReferencedPair[]> {
    const { recipe, base } = this.#training;
    const unknown = new Set(batch.filter(({ reference }) => reference === null));
    const measured = epoch === 0 ? [batch] : this.#schedule.firstEpoch(pairs, round, recipe.seed);
    for (const first of measured) if (first.some((pair) => unknown.has(pair))) await measure(base, first);
    return batch.map(({ pair, reference }) => ({ ...pair, reference: reference! }));
  }

  async #pairsOf(
    place: RoundPlace,
  ): Promise<{ readonly pairs: readonly LearntPair[]; readonly counts: RoundContent<PairRow>["counts"] }> {
    const { data, writer } = this.#training;
    if (data.pairs) {
      this.#round ??= { index: 0, pairs: data.pairs.train.map((pair) => ({ pair, reference: null })) };
      return { pairs: this.#round.pairs, counts: {} };
    }
    if (this.#round?.index === place.round) return { pairs: this.#round.pairs, counts: {} };
    const { rows, counts } = await this.#files.content(place.round, !place.first, () =>
      this.#label(place.round),
    );
    const pairs = rows.map(({ prompt: messages, id, tokens, reference }): LearntPair => {
      const prompt = writer.prompt({ id, messages });
      return { pair: { prompt, ...tokens }, reference };
    });
    this.#round = { index: place.round, pairs };
    return { pairs, counts };
  }

  /** The policy's own responses of a round, labelled by the reward. */
  async #label(round: number): Promise<RoundContent<PairRow>> {
    const { recipe, model, base, writer, data, reward, progress } = this.#training;
    if (recipe.pairs.kind !== "own") throw new TypeError("given pairs are not sampled");
    const { responses: count, pairsPerPrompt } = recipe.pairs;
    const { seed, temperature } = recipe;
    const prompts = distinctPrompts(data.train, recipe.promptsPerRound, round, seed);
    const sampler = await model.samplerNow().result;
    try {
      progress.update({ phase: `round ${round + 1}, sampling`, done: 0, total: prompts.length });
      const names = ["dpo responses", round];
      const sampled = await samplePolicy(sampler, writer, prompts, { count, temperature, seed, names });
      progress.update({ phase: `round ${round + 1}, labelling`, done: 0, total: prompts.length });
      const labelled = await labelPreferences(reward, sampled, {
        ...{ pairsPerPrompt, seed, names: ["dpo comparisons", round] },
      });
      if (labelled.pairs.length === 0) throw nothingLabelled(round, labelled.counts);
      const tokens = labelled.pairs.map(
        ({ id, prompt: messages, tokens }): TokenPair => ({
          prompt: writer.prompt({ id, messages }),
          ...tokens,
        }),
      );
      const references = await pairLogprobs(recipe.reference === "start" ? base : sampler, tokens);
      return {
        rows: labelled.pairs.map((pair, i) => ({ ...pair, reference: references[i]! })),
        counts: { ...labelled.counts },
      };
    } finally {
      await sampler.dispose();
    }
  }
}

/** A pair with its reference once that is known. */
interface LearntPair {
  readonly pair: TokenPair;
  reference: PairLogprobs | null;
}

async function measure(base: Sampler, pairs: readonly LearntPair[]): Promise<void> {
  const measured = await pairLogprobs(
    base,
    pairs.map(({ pair }) => pair),
  );
  pairs.forEach((learnt, i) => {
    learnt.reference = measured[i]!;
  });
}

function nothingLabelled(round: number, { compared, ties, undecided, equalTexts }: LabelCounts): DataError {
  return new DataError(
    `round ${round + 1}: none of ${compared} comparisons gave a preference (${ties} ties, ${undecided} undecided, ${equalTexts} of equal texts); sample more prompts or responses, or look at the reward`,
  );
}
