import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SeededStream } from "@armature/engine";
import type { TrainingJob, TrainingOutcome } from "../cli/operations.ts";
import type { BradleyTerryRecipe } from "../config/bradley-terry-recipe.ts";
import type { RunDirectory } from "../run/run-directory.ts";
import { adamParams } from "./arm-settings.ts";
import { pairwiseScoreLoss } from "./bradley-terry.ts";
import { bradleyTerryData, type PairSequences, pairSequences } from "./bradley-terry-data.ts";
import { evaluateScores, type ScoreEvaluation } from "./bradley-terry-evaluation.ts";
import { type OpenScalarModel, openScalarModel } from "./bradley-terry-model.ts";
import { bradleyTerryReport } from "./bradley-terry-report.ts";
import { learningRateFactor } from "./learning-rate.ts";
import type { RunPairs } from "./run-pairs.ts";

/** Where a run stands. */
interface BradleyTerryPosition {
  readonly steps: number;
  /** The checkpoint that did best on the watching pairs so far. */
  readonly best: { readonly accuracy: number; readonly steps: number; readonly name: string } | null;
}

const START: BradleyTerryPosition = { steps: 0, best: null };

/**
 * A reward model trained on preference pairs in a run directory: held-out accuracy before, steps over shuffled epochs with
 * looks at watching pairs, held-out accuracy of the best checkpoint after. State is committed every `output.commitEvery`
 * steps; a killed run goes on from there and ends with the same weights and metrics. `state.checkpoints.model` is the model
 * that `openScalarReward` asks.
 */
export async function runBradleyTerry(job: TrainingJob<BradleyTerryRecipe>): Promise<TrainingOutcome> {
  const run = job.run as RunDirectory<BradleyTerryPosition>;
  const open = await openScalarModel(job.recipe, job.resolve, run.checkpointPath(""));
  try {
    const data = await bradleyTerryData(job.recipe, job.resolve, open);
    if (run.state === null) for (const note of data.notes) job.progress.say(note);
    return await new BradleyTerrySession(job, run, open, data).finish();
  } finally {
    await open.close();
  }
}

/** One process's part of a run. */
class BradleyTerrySession {
  readonly #job: TrainingJob<BradleyTerryRecipe>;
  readonly #run: RunDirectory<BradleyTerryPosition>;
  readonly #open: OpenScalarModel;
  readonly #data: RunPairs;
  readonly #train: readonly PairSequences[];
  readonly #stepsPerEpoch: number;
  #position: BradleyTerryPosition;

  constructor(
    job: TrainingJob<BradleyTerryRecipe>,
    run: RunDirectory<BradleyTerryPosition>,
    open: OpenScalarModel,
    data: RunPairs,
  ) {
    this.#job = job;
    this.#run = run;
    this.#open = open;
    this.#data = data;
    this.#train = pairSequences(data.train, job.recipe.loss, open.sequence);
    this.#stepsPerEpoch = Math.ceil(data.train.length / job.recipe.pairsPerBatch);
    this.#position = run.state?.position ?? START;
  }

  async finish(): Promise<TrainingOutcome> {
    const before = await this.#measured("before");
    const saved = this.#run.state?.checkpoints["model"];
    if (saved !== undefined) await this.#load(saved);
    const total = this.#job.recipe.epochs * this.#stepsPerEpoch;
    for (let step = this.#position.steps; step < total; step++)
      if (!(await this.#step(step, total))) return { status: "interrupted" };
    const { best } = this.#position;
    if (best) await this.#load(best.name);
    const after = await this.#measured("after");
    const report = await bradleyTerryReport({
      ...{ recipe: this.#job.recipe, data: this.#data, before, after },
      metrics: this.#run.readMetrics(),
      bestStep: best?.steps ?? total,
      startedAt: this.#run.config.createdAt,
    });
    return { status: "finished", report };
  }

  /** One step with what follows it; false where the run is to stop. */
  async #step(step: number, total: number): Promise<boolean> {
    const { recipe, progress, interruption } = this.#job;
    const metrics = await this.#update(step, total);
    const done = step + 1;
    this.#position = { ...this.#position, steps: done };
    this.#run.appendMetrics({ kind: "bradley-terry", step: done, ...metrics });
    const watched = this.#data.watching.length > 0;
    if (watched && (done % recipe.evaluation.everySteps === 0 || done === total)) await this.#watch(done);
    progress.update({
      phase: "bradley-terry",
      ...{ done, total, runShare: done / total },
      metrics: { loss: metrics.loss, accuracy: metrics.accuracy },
    });
    const stop = interruption.stopRequested;
    if (stop || done === total || done % recipe.output.commitEvery === 0) await this.#commit(done === total);
    return !stop || done === total;
  }

  async #update(step: number, total: number) {
    const { recipe } = this.#job;
    const { model } = this.#open;
    const epoch = Math.floor(step / this.#stepsPerEpoch);
    const order = new SeededStream(recipe.seed, "bradley-terry", "order", epoch).shuffled(this.#train);
    const first = (step % this.#stepsPerEpoch) * recipe.pairsPerBatch;
    const pairs = order.slice(first, first + recipe.pairsPerBatch);
    const forwardBackward = model.forwardBackwardCustom(
      pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]),
      (scores) => pairwiseScoreLoss(scores, pairs, recipe.loss.centring),
    );
    const factor = learningRateFactor(recipe.learningRateSchedule, step, total, recipe.warmupSteps);
    const stepped = model.optimStep({
      ...adamParams(recipe.adam),
      learning_rate: recipe.learningRate * factor,
    });
    const { metrics } = await forwardBackward.result;
    return {
      loss: metrics["loss:sum"]!,
      ...{ accuracy: metrics["accuracy"]!, difference: metrics["difference"]!, score: metrics["score"]! },
      gradNorm: (await stepped.result).metrics["grad_norm:last"] ?? Number.NaN,
      learningRate: recipe.learningRate * factor,
    };
  }

  /** Measures on the watching pairs and keeps the weights where they did best. */
  async #watch(steps: number): Promise<void> {
    const { metrics } = await this.#evaluate(this.#data.watching);
    this.#run.appendMetrics({ kind: "evaluation", step: steps, ...metrics });
    const accuracy = metrics["accuracy"]!;
    if (accuracy <= (this.#position.best?.accuracy ?? -1)) return;
    const name = `best-${steps}`;
    await this.#open.model.saveState(name).result;
    this.#position = { ...this.#position, best: { accuracy, steps, name } };
  }

  async #commit(last: boolean): Promise<void> {
    const { steps, best } = this.#position;
    const name = last && best ? best.name : `model-${steps}`;
    if (name !== best?.name) await this.#open.model.saveState(name).result;
    this.#run.commitState({ position: this.#position, checkpoints: { model: name } });
    this.#run.keepCheckpoints([name, ...(best ? [best.name] : [])]);
  }

  async #load(name: string): Promise<void> {
    await this.#open.model.loadState(this.#run.checkpointPath(name), { optimizer: true }).result;
  }

  /** The measurement of this name on held-out pairs: read back where the run has it, else of the present weights. */
  async #measured(name: "before" | "after"): Promise<ScoreEvaluation> {
    const file = `evaluation-${name}.json`;
    const path = join(this.#run.path, file);
    if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as ScoreEvaluation;
    const evaluation = await this.#evaluate(this.#data.heldOut, `held-out pairs ${name} training`);
    this.#run.writeFile(file, `${JSON.stringify(evaluation)}\n`);
    return evaluation;
  }

  #evaluate(pairs: RunPairs["heldOut"], phase?: string): Promise<ScoreEvaluation> {
    const { recipe, progress } = this.#job;
    // Margins and bounds play no part in a measurement, and held-out pairs need none.
    const sequences = pairSequences(pairs, { ...recipe.loss, margin: 0, prior: null }, this.#open.sequence);
    return evaluateScores(
      this.#open.model,
      sequences,
      {
        seed: recipe.seed,
        resamples: recipe.evaluation.bootstrapSamples,
        ...(this.#data.truths && { truths: this.#data.truths }),
      },
      phase === undefined ? undefined : (done, total) => progress.update({ phase, done, total }),
    );
  }
}
