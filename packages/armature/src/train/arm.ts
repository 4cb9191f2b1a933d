import { SeededStream } from "@armature/engine";
import type { PreferencePair } from "../data/prompt.ts";
import type { Dialect } from "../judge/dialect.ts";
import { type ArmStep, armSchedule } from "./arm-schedule.ts";
import type { ArmSettings, PhaseSettings } from "./arm-settings.ts";
import { generatorRollouts, type RubricRecord, sampleRubrics } from "./generator-phase.ts";
import { type GrpoMetrics, type GrpoSettings, grpoUpdate } from "./grpo.ts";
import { type JudgementRecord, judgeRollouts } from "./judge-phase.ts";
import { learningRateFactor } from "./learning-rate.ts";
import type { Player } from "./player.ts";

/** The two models, how they write, and the pairs they learn from (at least rounds · pairsPerRound of them). */
export interface ArmTask {
  readonly generator: Player;
  readonly judge: Player;
  readonly dialect: Dialect;
  readonly pairs: readonly PreferencePair[];
}

/** An update's metrics with two shares of its rollouts; null where none was judged. */
type PhaseMetrics = GrpoMetrics & { readonly accuracy: number | null; readonly formatRate: number | null };

/** What one step did. */
export type ArmProgress =
  | {
      readonly kind: "judge";
      readonly metrics: PhaseMetrics;
      readonly records: readonly JudgementRecord[];
    }
  | {
      readonly kind: "generator";
      readonly metrics: PhaseMetrics;
      readonly records: readonly RubricRecord[];
    }
  | { readonly kind: "evaluate" };

/** Where a run stands: everything before `position` of the schedule is done. */
export interface ArmHooks {
  /** Called after each step; what it returns is awaited before the next. Returning "stop" ends the run here. */
  afterStep(step: ArmStep, position: number, progress: ArmProgress): Promise<"go on" | "stop">;
}

/**
 * Rubric-ARM (Xu et al. 2026, section 4): for each round, cache one rubric per prompt from the frozen generator, train the
 * judge on them by GRPO, then train the generator against the frozen judge. All randomness is drawn from streams named by
 * round, phase, visit and pair, so a run that resumes at a position repeats exactly what an unbroken one would have done.
 * Returns the position reached.
 */
export async function trainArm(
  task: ArmTask,
  settings: ArmSettings,
  hooks: ArmHooks,
  start = 0,
): Promise<number> {
  const schedule = armSchedule(settings);
  const cache = new RubricCache(task, settings);
  for (let position = start; position < schedule.length; position++) {
    const step = schedule[position]!;
    const progress =
      step.kind === "judge"
        ? await judgeStep(task, settings, step, cache)
        : step.kind === "generator"
          ? await generatorStep(task, settings, step)
          : ({ kind: "evaluate" } as const);
    if ((await hooks.afterStep(step, position + 1, progress)) === "stop") return position + 1;
  }
  return schedule.length;
}

type Batch = Extract<ArmStep, { pairs: readonly number[] }>;

async function judgeStep(
  task: ArmTask,
  settings: ArmSettings,
  step: Batch,
  cache: RubricCache,
): Promise<ArmProgress> {
  const pairs = step.pairs.map((index) => task.pairs[index]!);
  const rubrics = await cache.rubricsOf(step, pairs);
  const names = ["judge rollouts", step.round, step.visit];
  const { groups, records } = await judgeRollouts(task.judge, task.dialect, pairs, rubrics, settings, names);
  const metrics = await grpoUpdate(
    task.judge,
    groups,
    grpoSettings(settings, settings.judge, step.round, task.dialect.judge.maxTokens),
    new SeededStream(settings.seed, "judge minibatches", step.round, step.visit, step.pairs[0]!),
  );
  const accuracy = share(records, (record) => record.correct);
  return {
    kind: "judge",
    metrics: { ...metrics, accuracy, formatRate: share(records, (record) => record.formatOk) },
    records,
  };
}

async function generatorStep(task: ArmTask, settings: ArmSettings, step: Batch): Promise<ArmProgress> {
  const pairs = step.pairs.map((index) => task.pairs[index]!);
  const names = ["generator rollouts", step.round, step.visit];
  const judge = await task.judge.model.samplerNow().result;
  const { groups, records } = await generatorRollouts(
    task.generator,
    judge,
    task.dialect,
    pairs,
    settings,
    names,
  ).finally(() => judge.dispose());
  const metrics = await grpoUpdate(
    task.generator,
    groups,
    grpoSettings(settings, settings.generator, step.round, task.dialect.generator.maxTokens),
    new SeededStream(settings.seed, "generator minibatches", step.round, step.visit, step.pairs[0]!),
  );
  const judged = records.filter((record) => record.correct !== null);
  return {
    kind: "generator",
    metrics: {
      ...metrics,
      accuracy: share(judged, (record) => record.correct === true),
      formatRate: share(records, (record) => record.valid),
    },
    records,
  };
}

/** Rubrics that the judge phase reads: sampled once a round from the frozen generator, fresh ones, or a static one. */
class RubricCache {
  readonly #task: ArmTask;
  readonly #settings: ArmSettings;
  readonly #cached = new Map<string, string>();

  constructor(task: ArmTask, settings: ArmSettings) {
    this.#task = task;
    this.#settings = settings;
  }

  async rubricsOf(step: Batch, pairs: readonly PreferencePair[]): Promise<readonly (readonly string[])[]> {
    const { staticRubric, cacheRubrics, order, seed, cacheTemperature: temperature } = this.#settings;
    if (staticRubric !== null) return pairs.map(() => [staticRubric]);
    const { generator, dialect } = this.#task;
    if (!cacheRubrics) {
      const names = ["fresh rubrics", step.round, step.visit];
      return sampleRubrics(generator, dialect, pairs, {
        temperature,
        count: this.#settings.judge.groupSize,
        seed,
        names,
      });
    }
    // In simultaneous mode the generator changes between steps, so a rubric of an earlier visit would be stale.
    const key = (pair: PreferencePair) =>
      `${step.round} ${order === "simultaneous" ? step.visit : ""} ${pair.id}`;
    const missing = pairs.filter((pair) => !this.#cached.has(key(pair)));
    const names = ["cached rubrics", step.round, order === "simultaneous" ? step.visit : 0];
    const fresh = await sampleRubrics(generator, dialect, missing, { temperature, count: 1, seed, names });
    for (const [i, pair] of missing.entries()) this.#cached.set(key(pair), fresh[i]![0]!);
    return pairs.map((pair) => [this.#cached.get(key(pair))!]);
  }
}

function grpoSettings(
  settings: ArmSettings,
  phase: PhaseSettings,
  round: number,
  maxTokens: number,
): GrpoSettings {
  const factor = learningRateFactor(settings.learningRateSchedule, round, settings.rounds);
  return {
    ...settings,
    klBeta: phase.klBeta,
    klEstimator: phase.klEstimator,
    minibatches: phase.minibatches,
    innerUpdates: phase.innerUpdates,
    maxTokens,
    adam: { ...settings.adam, learning_rate: phase.learningRate * factor },
  };
}

function share<T>(items: readonly T[], holds: (item: T) => boolean): number | null {
  return items.length === 0 ? null : items.filter(holds).length / items.length;
}
