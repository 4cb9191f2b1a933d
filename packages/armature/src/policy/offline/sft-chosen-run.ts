import type { TrainingJob, TrainingOutcome } from "../../cli/operations.ts";
import type { SftChosenRecipe } from "../../config/policy-recipe.ts";
import { type PolicyMethod, type PolicyStep, type PolicyTraining, runPolicy } from "../policy-session.ts";
import { RoundSchedule } from "./round-schedule.ts";
import { supervisedBatch } from "./supervised-batch.ts";

/** Supervised training on the chosen responses of given pairs, the rejected ones unseen. */
export function runSftChosen(job: TrainingJob<SftChosenRecipe>): Promise<TrainingOutcome> {
  return runPolicy(job, async (training) => new SftChosenMethod(training));
}

class SftChosenMethod implements PolicyMethod {
  readonly totalSteps: number;
  readonly #training: PolicyTraining<SftChosenRecipe>;
  readonly #schedule: RoundSchedule;

  constructor(training: PolicyTraining<SftChosenRecipe>) {
    const { epochs, batchSize } = training.recipe;
    this.#training = training;
    const itemsPerRound = training.data.pairs!.train.length;
    this.#schedule = new RoundSchedule({ rounds: 1, itemsPerRound, epochs, batchSize });
    this.totalSteps = this.#schedule.totalSteps;
  }

  async step(index: number): Promise<PolicyStep> {
    const { recipe, model, data } = this.#training;
    const batch = this.#schedule.batchOf(data.pairs!.train, this.#schedule.placeOf(index), recipe.seed);
    const examples = batch.map(({ prompt, chosen: completion }) => ({ prompt, completion }));
    const metrics = await supervisedBatch(model, examples, recipe, index, this.totalSteps);
    return { phase: "sft-chosen", metrics: { ...metrics }, shown: ["loss"] };
  }
}
