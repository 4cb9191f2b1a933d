import { basename, dirname, resolve } from "node:path";
import { createWordTokenizer, LocalEngine, readModelConfig } from "@armature/engine";
import type { SandboxWarmUp, SandboxWarmUpResult } from "../cli/operations.ts";
import { NANO_GENERATOR, NANO_JUDGE, NANO_POLICY } from "./nano-models.ts";
import { VOCABULARY } from "./nano-vocabulary.ts";
import { WARM_UP, warmUpStep } from "./warm-up.ts";
import { warmUpGates } from "./warm-up-gates.ts";

const SHAPES = {
  generator: NANO_GENERATOR,
  judge: NANO_JUDGE,
  policy: NANO_POLICY,
  "plausible-policy": NANO_POLICY,
} as const;

/** Steps over which the reported loss is averaged. */
const LOSS_WINDOW = 50;

/**
 * Trains a nano checkpoint from random weights on the teacher's lessons and measures what the warm-up must reach. Stopped
 * early, it saves what it has.
 */
export async function warmUpSandbox(warmUp: SandboxWarmUp): Promise<SandboxWarmUpResult> {
  const { player, seed, progress } = warmUp;
  const settings = { ...WARM_UP[player], ...(warmUp.steps !== null && { steps: warmUp.steps }) };
  const tokenizer = createWordTokenizer(VOCABULARY, { bos: "<bos>", eos: "<eos>", pad: "<pad>" }).files;
  const config = readModelConfig(SHAPES[player], `the nano ${player}'s configuration`);
  const out = resolve(warmUp.out);
  const engine = await LocalEngine.open(
    { kind: "random", name: `nano-${player}`, config, seed, tokenizer },
    { logprobs: "weighted", ...(warmUp.threads !== null && { threads: warmUp.threads }) },
  );
  try {
    const model = await engine.createModel({ lora: null, checkpoints: dirname(out) });
    const losses: number[] = [];
    for (let step = 0; step < settings.steps && !warmUp.interruption.stopRequested; step++) {
      const { loss } = await warmUpStep(model, player, step, seed, settings);
      losses.push(loss);
      const metrics = { loss: mean(losses.slice(-LOSS_WINDOW)) };
      progress.update({ phase: `nano ${player}`, done: step + 1, total: settings.steps, metrics });
    }
    await model.saveWeights(basename(out)).result;
    const sampler = await model.samplerNow().result;
    const gates = await warmUpGates(player, sampler, seed);
    return { out, metrics: { steps: losses.length, loss: mean(losses.slice(-LOSS_WINDOW)), ...gates } };
  } finally {
    await engine.close();
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
