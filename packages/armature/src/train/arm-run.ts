import type { Sampler } from "@armature/tinker";
import type { TrainingJob, TrainingOutcome } from "../cli/operations.ts";
import type { ArmRecipe } from "../config/recipe-schema.ts";
import type { RunDirectory } from "../run/run-directory.ts";
import { type ArmProgress, trainArm } from "./arm.ts";
import { armData } from "./arm-data.ts";
import { type ArmEvaluation, evaluateArm, readEvaluation, saveEvaluation } from "./arm-evaluation.ts";
import { type ArmModels, openArmModels } from "./arm-models.ts";
import { armReport } from "./arm-report.ts";
import { type ArmStep, armSchedule } from "./arm-schedule.ts";
import { type ArmSettings, armSettings } from "./arm-settings.ts";
import { warmUpFromFiles } from "./arm-warm-up.ts";
import type { Player } from "./player.ts";
import type { RunPairs } from "./run-pairs.ts";

/** Where an ARM run stands. Warm-up steps count first, then the steps of the alternation. */
export interface ArmPosition {
  readonly warmUpSteps: number;
  readonly armSteps: number;
  /** The checkpoints that did best on the watching pairs so far. */
  readonly best: { readonly accuracy: number; readonly armSteps: number; readonly names: Names } | null;
  readonly finished: boolean;
}

type Names = Readonly<Record<"generator" | "judge", string>>;

const START: ArmPosition = { warmUpSteps: 0, armSteps: 0, best: null, finished: false };
const PLAYERS = ["generator", "judge"] as const;

/**
 * A whole Rubric-ARM run in a run directory: warm-up, evaluation, the alternation with an evaluation on watching pairs after
 * each phase, and the evaluation of the best checkpoint on held-out pairs. State is committed every `output.commitEvery`
 * steps and at the end of each phase; a killed run goes on from there and ends with the same weights and metrics.
 */
export async function runArm(job: TrainingJob<ArmRecipe>): Promise<TrainingOutcome> {
  const run = job.run as RunDirectory<ArmPosition>;
  const { recipe, progress } = job;
  const models = await openArmModels(recipe, job.resolve, run.checkpointPath(""));
  try {
    const data = await armData(recipe, job.resolve, models.dialect);
    if (run.state === null) for (const note of data.notes) progress.say(note);
    const session = new ArmSession(job, run, models, data);
    return await session.finish();
  } finally {
    await models.close();
  }
}

/** One process's part of a run. */
class ArmSession {
  readonly #job: TrainingJob<ArmRecipe>;
  readonly #run: RunDirectory<ArmPosition>;
  readonly #models: ArmModels;
  readonly #data: RunPairs;
  readonly #settings: ArmSettings;
  readonly #schedule: readonly ArmStep[];
  #position: ArmPosition;
  #names: Partial<Names>;
  /** Models that changed since their last checkpoint. */
  readonly #changed = new Set<"generator" | "judge">();

  constructor(
    job: TrainingJob<ArmRecipe>,
    run: RunDirectory<ArmPosition>,
    models: ArmModels,
    data: RunPairs,
  ) {
    this.#job = job;
    this.#run = run;
    this.#models = models;
    this.#data = data;
    this.#settings = armSettings(job.recipe);
    this.#schedule = armSchedule(this.#settings);
    this.#position = run.state?.position ?? START;
    this.#names = (run.state?.checkpoints ?? {}) as Partial<Names>;
  }

  async finish(): Promise<TrainingOutcome> {
    if (!(await this.#warmUp())) return { status: "interrupted" };
    const players = await this.#players();
    const before = await this.#evaluated("before", "held-out pairs before training");
    if (!this.#position.finished && !(await this.#alternate(players))) return { status: "interrupted" };
    const after = await this.#evaluated("after", "held-out pairs after training");
    const report = armReport({
      recipe: this.#job.recipe,
      data: this.#data,
      metrics: this.#run.readMetrics(),
      before,
      after,
      bestStep: this.#position.best?.armSteps ?? this.#schedule.length,
      startedAt: this.#run.config.createdAt,
    });
    return { status: "finished", report };
  }

  /** Supervised warm-up where the recipe has one; its result is kept as the reference policy. False when interrupted. */
  async #warmUp(): Promise<boolean> {
    const { recipe } = this.#job;
    if (recipe.warmup === null) return true;
    const done = await warmUpFromFiles({
      recipe,
      resolve: this.#job.resolve,
      models: this.#models,
      start: this.#position.armSteps > 0 ? Number.POSITIVE_INFINITY : this.#position.warmUpSteps,
      load: async () => {
        for (const player of PLAYERS) {
          const name = this.#names[player];
          if (name !== undefined && this.#position.armSteps === 0) await this.#load(player, name);
        }
      },
      afterStep: async (player, step, total, metrics, last) => {
        this.#changed.add(player);
        this.#position = { ...this.#position, warmUpSteps: step };
        this.#run.appendMetrics({ kind: "warm-up", player, step, ...metrics });
        this.#job.progress.update({
          phase: `${player} warm-up`,
          done: step,
          total,
          metrics: { loss: metrics.loss },
        });
        const stop = this.#job.interruption.stopRequested;
        if (stop || last || step % recipe.output.commitEvery === 0) await this.#commit();
        if (last) for (const each of PLAYERS) await this.#models[each].saveWeights(`warm-${each}`).result;
        return stop ? "stop" : "go on";
      },
    });
    return done;
  }

  /** Both models at the run's position, each with the frozen policy from which it started. */
  async #players(): Promise<Record<"generator" | "judge", Player>> {
    const players: Partial<Record<"generator" | "judge", Player>> = {};
    for (const player of PLAYERS) {
      const model = this.#models[player];
      if (this.#job.recipe.warmup !== null) await this.#load(player, `warm-${player}`, false);
      const reference: Sampler = await model.samplerNow().result;
      const name = this.#names[player];
      if (name !== undefined && this.#position.armSteps > 0) await this.#load(player, name);
      players[player] = { model, reference };
    }
    return players as Record<"generator" | "judge", Player>;
  }

  async #alternate(players: Record<"generator" | "judge", Player>): Promise<boolean> {
    const task = { ...players, dialect: this.#models.dialect, pairs: this.#data.train };
    const total = this.#schedule.length;
    await trainArm(
      task,
      this.#settings,
      {
        afterStep: async (step, position, progress) => {
          const stop = this.#job.interruption.stopRequested;
          this.#position = { ...this.#position, armSteps: position };
          const shown = await this.#record(step, position, progress);
          this.#job.progress.update({
            phase: `round ${step.round + 1} ${step.kind === "evaluate" ? `evaluation` : step.kind}`,
            done: position,
            total,
            runShare: position / total,
            metrics: shown,
          });
          const due = position % this.#job.recipe.output.commitEvery === 0 || position === total;
          if (stop || due || step.kind === "evaluate") await this.#commit();
          return stop ? "stop" : "go on";
        },
      },
      this.#position.armSteps,
    );
    if (this.#position.armSteps < total) return false;
    this.#position = { ...this.#position, finished: true };
    await this.#commit();
    return true;
  }

  async #record(
    step: ArmStep,
    position: number,
    progress: ArmProgress,
  ): Promise<Readonly<Record<string, number>>> {
    const place = { step: position, round: step.round + 1 };
    if (progress.kind === "evaluate") {
      if (this.#data.watching.length === 0) return {};
      const evaluation = await this.#evaluate(this.#data.watching);
      const after = step.kind === "evaluate" ? step.after : "";
      this.#run.appendMetrics({ kind: "evaluation", after, ...place, ...evaluation.metrics });
      const accuracy = evaluation.metrics["accuracy"]!;
      if (accuracy > (this.#position.best?.accuracy ?? -1)) {
        const names = await this.#save();
        this.#position = { ...this.#position, best: { accuracy, armSteps: position, names } };
      }
      return { accuracy };
    }
    const { records, metrics } = progress;
    this.#changed.add(progress.kind);
    this.#run.appendMetrics({ kind: progress.kind, ...place, ...metrics });
    this.#run.appendRollouts(
      progress.kind,
      records.map((record) => ({ ...place, ...record })),
    );
    const { rewardMean: reward, accuracy, formatRate: format } = metrics;
    return Object.fromEntries(
      Object.entries({ reward, accuracy, format }).flatMap(([name, value]) =>
        value === null ? [] : [[name, value]],
      ),
    );
  }

  /** The evaluation of this name: read back where the run has it, else of the start or of the best checkpoint. */
  async #evaluated(name: "before" | "after", phase: string): Promise<ArmEvaluation> {
    const known = readEvaluation(this.#run.path, name);
    if (known) return known;
    const best = this.#position.best;
    if (name === "after" && best) for (const player of PLAYERS) await this.#load(player, best.names[player]);
    const evaluation = await this.#evaluate(this.#data.heldOut, phase, true);
    saveEvaluation(this.#run, name, evaluation);
    return evaluation;
  }

  async #evaluate(pairs: RunPairs["heldOut"], phase?: string, whole = false): Promise<ArmEvaluation> {
    return evaluateArm({
      models: this.#models,
      pairs,
      recipe: this.#job.recipe,
      whole,
      ...(this.#data.truths && { truths: this.#data.truths }),
      ...(phase !== undefined && {
        onProgress: (done: number, total: number) => this.#job.progress.update({ phase, done, total }),
      }),
    });
  }

  /** Saves what changed and gives the names under which both models now lie. */
  async #save(): Promise<Names> {
    const { warmUpSteps, armSteps } = this.#position;
    for (const player of PLAYERS) {
      if (!this.#changed.has(player) && this.#names[player] !== undefined) continue;
      const name = `${player}-${warmUpSteps}-${armSteps}`;
      await this.#models[player].saveState(name).result;
      this.#names = { ...this.#names, [player]: name };
      this.#changed.delete(player);
    }
    return this.#names as Names;
  }

  async #commit(): Promise<void> {
    const checkpoints = await this.#save();
    this.#run.commitState({ position: this.#position, checkpoints });
    const best = this.#position.best?.names;
    const warm = PLAYERS.map((player) => `warm-${player}`);
    this.#run.keepCheckpoints([...Object.values(checkpoints), ...Object.values(best ?? {}), ...warm]);
  }

  async #load(player: "generator" | "judge", name: string, optimizer = true): Promise<void> {
    await this.#models[player].loadState(this.#run.checkpointPath(name), { optimizer }).result;
  }
}
