import { SeededStream } from "@armature/engine";
import type { TrainingModel } from "@armature/tinker";
import { learningRateFactor } from "../train/learning-rate.ts";
import { type SftMetrics, sftStep } from "../train/sft.ts";
import { generatorLessons, judgeLessons, type Lesson } from "./lessons.ts";
import { noteLesson, plausibleNoteLesson } from "./policy.ts";

/** `plausible-policy` is a policy whose teacher minds the recipient. */
export type NanoPlayer = "generator" | "judge" | "policy" | "plausible-policy";

export interface WarmUpSettings {
  readonly steps: number;
  readonly batchSize: number;
  /** Peak of a cosine schedule with 50 warm-up steps. */
  readonly learningRate: number;
}

/** What made the committed nano checkpoints: from random weights to the teacher's habits, faults included. */
export const WARM_UP: Readonly<Record<NanoPlayer, WarmUpSettings>> = {
  judge: { steps: 2000, batchSize: 16, learningRate: 2.5e-3 },
  generator: { steps: 900, batchSize: 48, learningRate: 4e-3 },
  policy: { steps: 600, batchSize: 32, learningRate: 4e-3 },
  "plausible-policy": { steps: 900, batchSize: 48, learningRate: 4e-3 },
};

const LEARNING_RATE_WARMUP_STEPS = 50;

/** One step on the teacher's lessons; the lessons of a step depend on seed, player and step only. */
export function warmUpStep(
  model: TrainingModel,
  player: NanoPlayer,
  step: number,
  seed: number,
  settings: WarmUpSettings,
): Promise<SftMetrics> {
  const stream = new SeededStream(seed, "warm-up", player, step);
  const factor = learningRateFactor("cosine", step, settings.steps, LEARNING_RATE_WARMUP_STEPS);
  return sftStep(model, lessonsOf(player, stream, settings.batchSize, step / settings.steps), {
    learning_rate: settings.learningRate * factor,
    beta2: 0.98,
    eps: 1e-8,
    weight_decay: 0.01,
    grad_clip_norm: 1,
  });
}

function lessonsOf(
  player: NanoPlayer,
  stream: SeededStream,
  batchSize: number,
  progress: number,
): readonly Lesson[] {
  switch (player) {
    case "judge":
      return judgeLessons(stream, batchSize, progress);
    case "generator":
      return generatorLessons(stream, batchSize);
    case "policy":
      return Array.from({ length: batchSize }, () => noteLesson(stream));
    case "plausible-policy":
      return Array.from({ length: batchSize }, () => plausibleNoteLesson(stream));
  }
}
