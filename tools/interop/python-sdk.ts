import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalBackend, LocalEngine } from "@armature/engine";
import { completionDatum, type TrainingModel } from "@armature/tinker";
import { ProtocolServer } from "@armature/tinker/server";
import { type PythonEnvironment, pythonEnvironment, ROOT, runPython } from "./python-environment.ts";

const BASE = join(ROOT, "models", "nano-policy");

/** What both sides are told to do. Each row trains its tokens from the first non-zero weight on. */
const PLAN = {
  baseModel: "nano-policy",
  rank: 8,
  loraSeed: 3,
  steps: 20,
  adam: { learning_rate: 0.01, beta1: 0.9, beta2: 0.95, eps: 1e-8 },
  rows: [
    { tokens: [1, 5, 6, 7, 8, 9], weights: [0, 0, 1, 1, 1] },
    { tokens: [1, 15, 16, 17, 9], weights: [0, 1, 0.5, -0.25] },
  ],
  prompt: [1, 5, 6],
  samples: 3,
  maxTokens: 8,
  seed: 7,
  scored: [1, 5, 6, 7, 8, 9],
};

/** Numbers of one side, in the names of `python_sdk.py`. */
interface Numbers {
  readonly losses: readonly number[];
  readonly lastLogprobs: readonly (readonly number[])[];
  readonly forward: readonly (readonly number[])[];
  readonly samples: readonly { readonly tokens: readonly number[]; readonly logprobs: readonly number[] }[];
  readonly scored: readonly (number | null)[];
  readonly resumed: number;
  readonly unbroken: number;
}

/** What one version of the official SDK did against our server. */
export interface SdkReport {
  readonly version: string;
  /** Largest difference from the engine in process over every number that came back. */
  readonly difference: number;
  /** How many numbers were compared. */
  readonly numbers: number;
  /** What is not as it should be, in words. */
  readonly faults: readonly string[];
}

/** Trains, saves, loads, samples and scores through one version of the official SDK, and compares with the engine in process. */
export async function compareSdk(version: string): Promise<SdkReport | { readonly unavailable: string }> {
  const environment: PythonEnvironment = await pythonEnvironment(`tinker-${version}`, [`tinker==${version}`]);
  if ("unavailable" in environment) return environment;
  const folder = mkdtempSync(join(tmpdir(), "armature-interop-"));
  const backend = await LocalBackend.open([{ path: BASE }], { threads: 1 });
  const server = await ProtocolServer.start(backend, { checkpoints: folder, apiKey: "tml-interop" });
  try {
    const plan = join(folder, "plan.json");
    writeFileSync(plan, JSON.stringify(PLAN));
    const settings = { TINKER_API_KEY: "tml-interop", TINKER_TELEMETRY: "0" };
    const script = join(ROOT, "tools/interop/python_sdk.py");
    const theirs = (await runPython(environment.python, [script, plan, server.url], settings)) as Numbers & {
      readonly samplesOfMoment: Numbers["samples"];
      readonly checkpoints: readonly string[];
      readonly models: readonly string[];
      readonly error: string | null;
    };
    const ours = await inProcess(folder);
    const pairs = [flat(ours), flat(theirs)] as const;
    const faults = [
      ...(pairs[0].length === pairs[1].length ? [] : ["another number of numbers came back"]),
      ...sameText("tokens", tokensOf(ours.samples), tokensOf(theirs.samples)),
      ...sameText("tokens of weights not saved", tokensOf(ours.samples), tokensOf(theirs.samplesOfMoment)),
      ...sameText("checkpoints", "sampler_weights/sampler,weights/state", theirs.checkpoints.join()),
      ...sameText("models", "nano-policy", theirs.models.join()),
      ...(theirs.error?.includes("loss no_such_loss is not supported")
        ? []
        : [`an unknown loss gives: ${theirs.error}`]),
    ];
    const difference = Math.max(...pairs[0].map((value, i) => Math.abs(value - (pairs[1][i] ?? Number.NaN))));
    return { version, difference, numbers: pairs[0].length, faults };
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function inProcess(folder: string): Promise<Numbers> {
  const engine = await LocalEngine.open({ kind: "path", path: BASE }, { threads: 1 });
  const adapter = { rank: PLAN.rank, alpha: 32, attention: true, mlp: true, head: true, seed: PLAN.loraSeed };
  const open = () => engine.createModel({ lora: adapter, checkpoints: join(folder, "in-process") });
  const data = PLAN.rows.map(({ tokens, weights }) => {
    const start = weights.findIndex((weight) => weight !== 0) + 1;
    return completionDatum(tokens.slice(0, start), tokens.slice(start), {
      weights: weights.slice(start - 1),
    });
  });
  const step = async (model: TrainingModel) => {
    const gradient = model.forwardBackward(data, { name: "cross_entropy" });
    await model.optimStep(PLAN.adam).result;
    return gradient.result;
  };
  try {
    const model = await open();
    const losses: number[] = [];
    let last: readonly Float32Array[] = [];
    for (let i = 0; i < PLAN.steps; i++) {
      const { logprobs, metrics } = await step(model);
      losses.push(metrics["loss:sum"]!);
      last = logprobs;
    }
    const { logprobs: forward } = await model.forward(data).result;
    const { path } = await model.saveState("state").result;
    const sampler = await model.samplerNow().result;
    const { maxTokens, prompt, samples: numSamples, scored, seed } = PLAN;
    const { sequences } = await sampler.sample(prompt, { maxTokens, numSamples, seed }).result;
    const logprobs = await sampler.logprobs(scored).result;
    const resumed = await open();
    await resumed.loadState(path).result;
    return {
      losses,
      lastLogprobs: last.map((row) => [...row]),
      forward: forward.map((row) => [...row]),
      samples: sequences.map((sequence) => ({
        tokens: [...sequence.tokens],
        logprobs: [...sequence.logprobs],
      })),
      scored: [null, ...logprobs.subarray(1)],
      resumed: (await step(resumed)).metrics["loss:sum"]!,
      unbroken: (await step(model)).metrics["loss:sum"]!,
    };
  } finally {
    await engine.close();
  }
}

function flat({ forward, lastLogprobs, losses, resumed, samples, scored, unbroken }: Numbers): number[] {
  return [
    ...losses,
    ...lastLogprobs.flat(),
    ...forward.flat(),
    ...samples.flatMap(({ logprobs }) => logprobs),
    ...scored.map((value) => value ?? 0),
    resumed,
    unbroken,
  ];
}

const tokensOf = (samples: Numbers["samples"]): string =>
  samples.map(({ tokens }) => tokens.join()).join(";");

const sameText = (what: string, expected: string, actual: string): string[] =>
  expected === actual ? [] : [`${what}: ${actual} in place of ${expected}`];
