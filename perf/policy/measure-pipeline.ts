import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GrpoMethod } from "../../packages/armature/src/policy/grpo/grpo-run.ts";
import { minimalGrpo } from "../../packages/armature/src/policy/grpo/minimal-grpo.ts";
import { batchOf } from "../../packages/armature/src/policy/policy-data.ts";
import { samplePolicy } from "../../packages/armature/src/policy/policy-rollouts.ts";
import type { PolicyReward } from "../../packages/armature/src/reward/policy-reward.ts";
import { sandboxTruthReward } from "../../packages/armature/src/reward/sandbox-truth-reward.ts";
import { median } from "../median.ts";
import type { Measurement } from "../row.ts";
import { type OpenTraining, openTraining } from "./open-training.ts";

const STEPS = 30;
/** Before them; the runtime builds its sessions for the shapes that it meets. */
const WARM_UP = 10;
const ROUNDS = 3;

interface Shape {
  readonly name: string;
  readonly settings: readonly string[];
}

/**
 * The bar is for a step in which sampling takes longer than training, as it does with large models, whose decoding is bound by
 * memory: 16 responses a prompt of which the 4 that differ most are trained on, the share of PODS. Nano models train longer
 * than they sample, so that hiding the judge saves less: that is shown beside it, with the share that is possible at all.
 */
const SAMPLING_BOUND: Shape = {
  name: "4 of 16 responses trained on",
  settings: ["promptsPerBatch=24", "groupSize=16", "trainedRollouts=4"],
};
const PRESET: Shape = { name: "preset sandbox", settings: [] };

/** Plain loop and pipelines from the same weights, in turns. */
export async function measurePipeline(): Promise<Measurement> {
  const [bound, preset] = [await measureShape(SAMPLING_BOUND), await measureShape(PRESET)];
  const equal = bound.equal && preset.equal;
  return {
    value: bound.ratio,
    unit: "of the synchronous loop's wall time a step",
    holds: bound.ratio <= 0.65 && equal,
    detail: { equalAtStaleness0: equal, steps: STEPS, shapes: [bound, preset] },
  };
}

async function measureShape({ name, settings }: Shape) {
  const folder = mkdtempSync(join(tmpdir(), "armature-pipeline-"));
  const judgeSeconds = await samplingSeconds(folder, settings);
  process.stderr.write(
    `${name}: the judge takes ${judgeSeconds.toFixed(2)} s a batch, as the sampler does\n`,
  );
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const synchronous = await timed(folder, `synchronous-${round}`, 0, judgeSeconds, settings);
    const ahead = await timed(folder, `ahead-${round}`, 1, judgeSeconds, settings);
    process.stderr.write(
      `seconds a step: synchronous ${synchronous.toFixed(2)}, staleness 1 ${ahead.toFixed(2)}\n`,
    );
    rounds.push({ synchronous, ahead, ratio: ahead / synchronous });
  }
  const equal = await equalToPlainLoop(folder, settings);
  process.stderr.write(`staleness 0 is ${equal ? "bit-equal to" : "DIFFERENT from"} the plain loop\n`);
  rmSync(folder, { recursive: true });
  const step = median(rounds.map(({ synchronous }) => synchronous));
  return {
    ...{ name, settings, judgeSeconds, rounds, equal },
    ratio: median(rounds.map(({ ratio }) => ratio)),
    // The judge's time is all that can be hidden where sampler and trainer share a thread.
    possible: (step - judgeSeconds) / step,
  };
}

/** Seconds of a step. The run is longer than what is measured, so that no step is without a batch to sample. */
async function timed(
  folder: string,
  name: string,
  staleness: number,
  judgeSeconds: number,
  settings: readonly string[],
): Promise<number> {
  const all = [...settings, `steps=${WARM_UP + STEPS + staleness + 1}`, `staleness=${staleness}`];
  const { training, close } = await openTraining(folder, name, all, slowed(judgeSeconds));
  const method = new GrpoMethod(training);
  for (let step = 0; step < WARM_UP; step++) await method.step(step);
  const began = performance.now();
  for (let step = 0; step < STEPS; step++) await method.step(WARM_UP + step);
  const perStep = (performance.now() - began) / 1000 / STEPS;
  await method.dispose();
  await close();
  return perStep;
}

/** Metrics and weights of a few steps at staleness 0 against `minimalGrpo`, which has no pipeline and chooses no rollouts. */
async function equalToPlainLoop(folder: string, settings: readonly string[]): Promise<boolean> {
  const STEPS = 4;
  const all = [...settings, "trainedRollouts=null", `steps=${STEPS}`, "staleness=0"];
  const piped = await openTraining(folder, "piped", all, sandboxTruthReward());
  const method = new GrpoMethod(piped.training);
  const seen = [];
  for (let step = 0; step < STEPS; step++) seen.push((await method.step(step)).metrics);
  const ours = await finalWeights(piped);
  const plain = await openTraining(folder, "plain", all, sandboxTruthReward());
  const { recipe, model, base, writer, data, reward } = plain.training;
  const metrics = await minimalGrpo({ recipe, model, base, writer, prompts: data.train, reward }, STEPS);
  return isPart(metrics, seen) && (await finalWeights(plain)) === ours;
}

async function finalWeights({ training, close }: OpenTraining): Promise<string> {
  await training.model.saveState("end").result;
  const hash = weightsHash(training.run.checkpointPath("end"));
  await close();
  return hash;
}

/** The sandbox's reward after a wait, as of a judge elsewhere that needs no processor here. */
function slowed(seconds: number): PolicyReward {
  const truth = sandboxTruthReward();
  return {
    ...truth,
    reward: async (groups) => {
      await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
      return truth.reward(groups);
    },
  };
}

/** Median time that the sampler takes for a batch. */
async function samplingSeconds(folder: string, settings: readonly string[]): Promise<number> {
  const { training, close } = await openTraining(folder, "sampling", settings, sandboxTruthReward());
  const { recipe, base, writer, data } = training;
  const { groupSize: count, temperature, seed, promptsPerBatch } = recipe;
  const seconds = [];
  for (let round = 0; round < 7; round++) {
    const prompts = batchOf(data.train, promptsPerBatch, round, seed);
    const began = performance.now();
    await samplePolicy(base, writer, prompts, { count, temperature, seed, names: ["timing", round] });
    // The first rounds build the runtime's sessions.
    if (round >= 2) seconds.push((performance.now() - began) / 1000);
  }
  await close();
  return median(seconds);
}

/** Whether each record has the fields of the other's, with equal values. */
function isPart(fields: readonly object[], records: readonly object[]): boolean {
  return fields.every((each, i) =>
    Object.entries(each).every(([name, value]) =>
      Object.is(value, (records[i] as Record<string, unknown>)[name]),
    ),
  );
}

function weightsHash(checkpoint: string): string {
  const hash = createHash("sha256");
  const files = readdirSync(checkpoint).filter((name) => name.endsWith(".safetensors"));
  if (files.length === 0) throw new Error(`${checkpoint}: no weights`);
  for (const file of files.sort()) hash.update(readFileSync(join(checkpoint, file)));
  return hash.digest("hex");
}
