import type { Sampler } from "@armature/tinker";
import type { ArmRecipe, MethodName, Recipe } from "../config/recipe-schema.ts";
import type { Dialect } from "../judge/dialect.ts";
import type { ScalarReward } from "../reward/scalar-reward.ts";
import type { Interruption } from "../run/interruption.ts";
import type { Progress } from "../run/progress.ts";
import type { Report } from "../run/report.ts";
import type { RunDirectory } from "../run/run-directory.ts";
import type { NanoPlayer } from "../sandbox/warm-up.ts";

/** What a training method is given. It closes nothing: run, progress and interruption belong to the command. */
export interface TrainingJob<R extends Recipe = Recipe> {
  readonly recipe: R;
  /** Absolute path of a file that the recipe names. */
  resolve(path: string): string;
  /** New or resumed: `run.state` tells where to go on. */
  readonly run: RunDirectory;
  readonly progress: Progress;
  /** Asked after each step; when a stop is requested the method commits its state and returns `interrupted`. */
  readonly interruption: Interruption;
}

export type TrainingOutcome =
  | { readonly status: "finished"; readonly report: Report }
  | { readonly status: "interrupted" };

/** Trains from where the run stands. A run that had finished returns its report again. */
export type TrainingMethod<R extends Recipe> = (job: TrainingJob<R>) => Promise<TrainingOutcome>;

/** Which generator and judge to open. */
export interface ModelSource {
  readonly recipe: ArmRecipe;
  resolve(path: string): string;
  /** Absolute folders of the weights that a run saved; null takes what the recipe starts from. */
  readonly generator: string | null;
  readonly judge: string | null;
}

/** A trained pair of models, ready to be asked. */
export interface OpenModels {
  readonly generator: Sampler;
  readonly judge: Sampler;
  readonly dialect: Dialect;
  /** Tokens of prompt and completion that the judge can hold. */
  readonly contextLength: number;
  close(): Promise<void>;
}

export interface SandboxWarmUp {
  readonly player: NanoPlayer;
  readonly seed: number;
  /** null takes the number that made the committed checkpoints. */
  readonly steps: number | null;
  /** Folder that the checkpoint is written into. */
  readonly out: string;
  readonly threads: number | null;
  readonly progress: Progress;
  readonly interruption: Interruption;
}

/** Values worth printing after a warm-up, by name: losses, and the gates that it has to pass. */
export interface SandboxWarmUpResult {
  readonly out: string;
  readonly metrics: Readonly<Record<string, number>>;
}

/** The work behind the commands, loaded when it is first needed so that `--help` stays quick. */
export interface Operations {
  readonly train: {
    readonly [M in MethodName]: () => Promise<TrainingMethod<Extract<Recipe, { method: M }>>>;
  };
  readonly openModels: () => Promise<(source: ModelSource) => Promise<OpenModels>>;
  /** Of the absolute folder of a `bradley-terry` run. */
  readonly openScalarReward: () => Promise<(run: string) => Promise<ScalarReward>>;
  readonly warmUpSandbox: () => Promise<(warmUp: SandboxWarmUp) => Promise<SandboxWarmUpResult>>;
}
