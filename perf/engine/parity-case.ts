import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { completionDatum } from "@armature/tinker";
import { configJson } from "../../packages/engine/src/checkpoint/config-json.ts";
import { writePeftAdapter } from "../../packages/engine/src/checkpoint/peft-adapter.ts";
import { add, matmul } from "../../packages/engine/src/graph/build.ts";
import { BaseModel } from "../../packages/engine/src/local/base-model.ts";
import type { PolicyWeights } from "../../packages/engine/src/local/policy-weights.ts";
import { BATCH_INPUTS } from "../../packages/engine/src/model/batch-shape.ts";
import type { ModelConfig } from "../../packages/engine/src/model/model-config.ts";
import type { Parameter } from "../../packages/engine/src/model/parameters.ts";
import { rotaryTables } from "../../packages/engine/src/model/rotary.ts";
import { buildTransformer } from "../../packages/engine/src/model/transformer.ts";
import { SeededStream } from "../../packages/engine/src/random/seeded-stream.ts";
import { type FeedValues, GraphSession } from "../../packages/engine/src/runtime/session.ts";
import { assembleBatch } from "../../packages/engine/src/training/assemble-batch.ts";
import { plainMicroBatches } from "../../packages/engine/src/training/micro-batches.ts";
import { openSafetensors, writeSafetensors } from "../../packages/engine/src/weights/safetensors.ts";
import { type PeerPython, peerCommand } from "./peer-python.ts";
import { engineConfig, engineLora, type ModelShape } from "./shapes.ts";

export interface ParityCase {
  readonly shape: ModelShape;
  readonly seed: number;
  readonly prompts: number;
  /** Samples of each prompt, which the trainer packs into one row. */
  readonly samples: number;
  readonly promptTokens: number;
  readonly newTokens: number;
}

/** Largest differences, each over the largest entry of the reference tensor; only the gap is absolute. */
export interface ParityDifferences {
  readonly logits: number;
  readonly logprobs: number;
  readonly gradients: number;
  /** The tensor whose gradient differs most. */
  readonly worstGradient: string;
  /** Largest |sampler's − trainer's| logprob of a sampled token. */
  readonly samplerGap: number;
}

/** A token budget that nothing here exceeds. */
const ONE_BATCH = 2 ** 20;

interface SampledRow {
  readonly tokens: readonly number[];
  /** Of the loss, one for each token after the prompt. */
  readonly weights: readonly number[];
  /** The sampler's, one for each token after the prompt. */
  readonly logprobs: Float32Array;
}

/** Samples rows, trains on them, and has the peer compute the same from the files that we write. */
export async function measureParity(given: ParityCase, python: PeerPython): Promise<ParityDifferences> {
  const { shape, seed, promptTokens } = given;
  const config = engineConfig(shape);
  const base = await BaseModel.open({ kind: "random", name: shape.name, config, seed }, { threads: 1 });
  const policy = base.policy(engineLora(shape));
  // An adapter starts with B = 0, which would leave A without a gradient.
  const stream = new SeededStream(seed, "parity");
  for (const { name, values } of policy.lora ? policy.store.trainable : [])
    if (name.includes("lora_B")) values.set(Float32Array.from(values, () => 0.05 * stream.normal()));

  const rows = await sampleRows(base, policy, given, stream);
  const data = rows.map(({ tokens, weights }) =>
    completionDatum(tokens.slice(0, promptTokens), tokens.slice(promptTokens), { weights }),
  );
  const trainer = base.trainer(policy);
  const { logprobs } = await trainer.forwardBackward(data, { name: "cross_entropy" });
  const logits = await allLogits(config, policy, rows);
  await trainer.dispose();

  const folder = await mkdtemp(join(tmpdir(), "armature-parity-"));
  try {
    await writeCase(folder, base, policy, rows, promptTokens);
    const [command, program] = peerCommand(python, "torch_parity.py");
    await promisify(execFile)(command!, [program!, folder]);
    const peer = openSafetensors(join(folder, "peer.safetensors"));
    const gradients = policy.store.trainable.map(({ name, gradient }) => ({
      name,
      difference: relativeDifference(gradient, peer.read(`gradient.${name}`)),
    }));
    const worst = gradients.reduce((a, b) => (b.difference > a.difference ? b : a));
    const gaps = rows.map((row, i) =>
      largestDifference(row.logprobs, logprobs[i]!.subarray(promptTokens - 1)),
    );
    const flat = Float32Array.from(logprobs.flatMap((row) => [...row]));
    const differences = {
      logits: relativeDifference(logits, peer.read("logits")),
      logprobs: relativeDifference(flat, peer.read("logprobs")),
      gradients: worst.difference,
      worstGradient: worst.name,
      samplerGap: Math.max(...gaps),
    };
    peer.close();
    return differences;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function sampleRows(
  base: BaseModel,
  policy: PolicyWeights,
  { seed, prompts, samples, promptTokens, newTokens }: ParityCase,
  stream: SeededStream,
): Promise<SampledRow[]> {
  const options = { maxTokens: newTokens, numSamples: samples, temperature: 1, seed };
  const requests = Array.from({ length: prompts }, () => ({
    prompt: Array.from({ length: promptTokens }, () => stream.below(base.config.vocabularySize)),
    options,
  }));
  const decoder = base.decoder(policy);
  const results = await decoder.sampleMany(requests);
  await decoder.dispose();
  return results.flatMap(({ sequences }, i) =>
    sequences.map(({ tokens, logprobs }) => ({
      tokens: [...requests[i]!.prompt, ...tokens],
      weights: Array.from(tokens, () => Math.fround(stream.normal())),
      logprobs,
    })),
  );
}

/** Logits of all positions of all rows, which training never holds at once: the trainer's own batch and graph, then the head. */
async function allLogits(
  config: ModelConfig,
  { store, lora }: PolicyWeights,
  rows: readonly SampledRow[],
): Promise<Float32Array> {
  const examples = rows.map(({ tokens }) => ({
    tokens: Int32Array.from(tokens.slice(0, -1)),
    targets: tokens.slice(1),
    values: {},
    headFrom: 0,
    active: new Uint8Array(tokens.length - 1),
  }));
  const [batch] = plainMicroBatches(examples, ONE_BATCH);
  const { shape, feeds, headRows } = assembleBatch(batch!, examples, [], false);
  const parts = buildTransformer(config, shape, lora).head.map(({ features, table }) =>
    matmul(features, table, { transB: true }),
  );
  const session = await GraphSession.create({ logits: parts.reduce((a, b) => add(a, b)) }, { threads: 1 });
  const { cos, sin } = rotaryTables(config, shape.prefixTime + shape.laneTime);
  const given: Record<string, FeedValues> = { ...feeds, [BATCH_INPUTS.cos]: cos, [BATCH_INPUTS.sin]: sin };
  const all = session.inputs.map(({ name }) => [name, given[name] ?? store.get(name).values] as const);
  const { logits } = await session.run(Object.fromEntries(all));
  await session.release();
  const { vocabularySize } = config;
  const inOrder = examples.flatMap((_, i) => [...headRows.get(i)!]);
  const ordered = new Float32Array(inOrder.length * vocabularySize);
  inOrder.forEach((row, i) => {
    const start = row * vocabularySize;
    ordered.set(logits!.subarray(start, start + vocabularySize), i * vocabularySize);
  });
  return ordered;
}

/** The files that the peer reads. */
async function writeCase(
  folder: string,
  base: BaseModel,
  { store, lora }: PolicyWeights,
  rows: readonly SampledRow[],
  promptTokens: number,
): Promise<void> {
  const named = (parameters: readonly Parameter[]) =>
    parameters.map(({ name, shape, values }) => [name, { shape, data: values }] as const);
  const model = join(folder, "model");
  await mkdir(model);
  await writeFile(join(model, "config.json"), JSON.stringify(configJson(base.config)));
  writeSafetensors(join(model, "model.safetensors"), named(lora ? store.frozen : store.trainable));
  if (lora) {
    await mkdir(join(folder, "adapter"));
    const settings = { rank: lora.rank, alpha: lora.alpha, baseModel: base.info.modelName };
    writePeftAdapter(join(folder, "adapter"), { settings, parameters: new Map(named(store.trainable)) });
  }
  const zeros = new Array<number>(promptTokens - 1).fill(0);
  const told = rows.map(({ tokens, weights }) => ({ tokens, weights: [...zeros, ...weights] }));
  await writeFile(join(folder, "rows.json"), JSON.stringify(told));
}

function relativeDifference(values: Float32Array, reference: Float32Array): number {
  const largest = reference.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return largestDifference(values, reference) / (largest || 1);
}

/** Infinite for arrays of different lengths, NaN where any entry is. */
function largestDifference(values: Float32Array, reference: Float32Array): number {
  if (values.length !== reference.length) return Number.POSITIVE_INFINITY;
  return values.reduce((most, value, i) => Math.max(most, Math.abs(value - reference[i]!)), 0);
}
