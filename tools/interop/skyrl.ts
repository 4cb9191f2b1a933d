import { LocalEngine } from "@armature/engine";
import { completionDatum, type HttpTrainingModel, type ServerProfile, ServiceClient } from "@armature/tinker";
import { startSkyrl } from "./skyrl-server.ts";
import { tinyModel } from "./tiny-model.ts";

const PROMPT = [72, 101, 108];
const DATA = [completionDatum(PROMPT, [108, 111, 33], { weights: [1, 1, 1] })];
const SEQUENCE = [...PROMPT, 108, 111, 33];

/** What our client did with SkyRL's server. */
export interface SkyrlReport {
  /** Each operation: what came of it, or why not. */
  readonly operations: Readonly<Record<string, string>>;
  readonly failed: readonly string[];
  /** Largest difference of the base model's logprobs from our engine's, same weights. */
  readonly logprobDifference: number;
  readonly profile: ServerProfile;
}

/** Drives SkyRL's server on the processor with our client: trains, saves, loads, samples, scores, and probes how it computes. */
export async function driveSkyrl(
  say: (line: string) => void,
): Promise<SkyrlReport | { readonly unavailable: string }> {
  const folder = await tinyModel();
  const server = await startSkyrl(folder);
  if ("unavailable" in server) return server;
  // It compiles a program for every new shape, which takes a minute on a busy machine.
  const limits = { idleMs: 600_000 };
  const client = await ServiceClient.connect({
    url: server.url,
    apiKey: "tml-interop",
    profile: "none",
    limits,
  });
  const operations: Record<string, string> = {};
  const failed: string[] = [];
  const attempt = async (name: string, run: () => Promise<string>) => {
    try {
      operations[name] = await run();
    } catch (error) {
      failed.push(name);
      operations[name] = (error as Error).message;
    }
    say(`${name}: ${operations[name]}`);
  };
  try {
    const model = await client.createModel({ lora: { rank: 4, seed: 1 } });
    let start: Float32Array = new Float32Array();
    let path = "";
    let before = "";
    await attempt("forward", async () => {
      start = (await model.forward(DATA).result).logprobs[0]!;
      return `${start.length} logprobs`;
    });
    await attempt("forward_backward and optim_step, pipelined", async () => {
      const { gained } = await steps(model, 3);
      return `the target's logprob sum rose by ${gained.toFixed(3)}`;
    });
    await attempt("save_weights", async () => {
      path = (await model.saveState("state").result).path;
      return path;
    });
    await attempt("load_weights with optimizer", async () => {
      before = print((await model.forward(DATA).result).logprobs[0]!);
      const resumed = await client.createModel({ lora: { rank: 4, seed: 2 } });
      await resumed.loadState(path).result;
      const after = print((await resumed.forward(DATA).result).logprobs[0]!);
      await resumed.dispose();
      if (after !== before) throw new Error(`logprobs ${after} after loading, ${before} when saved`);
      return "the same logprobs as when saved";
    });
    await attempt("sample weights of the moment", async () => {
      const sampler = await model.samplerNow().result;
      const { sequences } = await sampler.sample(PROMPT, { maxTokens: 4, seed: 3, numSamples: 2 }).result;
      return sequences.map(({ stopReason, tokens }) => `${tokens.length} tokens, ${stopReason}`).join("; ");
    });
    await attempt("compute_logprobs against forward", async () => {
      const sampler = await model.samplerNow().result;
      const scored = (await sampler.logprobs(SEQUENCE).result).subarray(1);
      const trained = (await model.forward(DATA).result).logprobs[0]!;
      return `largest difference ${largest(scored, trained).toExponential(1)}`;
    });
    const stale = await staleSampler(model);
    say(`samplers: ${stale.join("; ") || "keep their weights"}`);
    const probed = await client.probe();
    const profile = { ...probed, deviations: [...probed.deviations, ...stale] };
    say(`profile: ${JSON.stringify(profile)}`);
    return { operations, failed, logprobDifference: largest(start, await ownLogprobs(folder)), profile };
  } finally {
    client.close();
    await server.close();
  }
}

/** What happens to a sampler's weights when training goes on, and to the model in training when older weights are sampled. */
async function staleSampler(model: HttpTrainingModel): Promise<readonly string[]> {
  const sampler = await model.samplerNow().result;
  const first = (await sampler.logprobs(SEQUENCE).result).subarray(1);
  await steps(model, 1);
  const trained = (await model.forward(DATA).result).logprobs[0]!;
  const second = (await sampler.logprobs(SEQUENCE).result).subarray(1);
  const after = (await model.forward(DATA).result).logprobs[0]!;
  const [drift, damage] = [largest(first, second), largest(trained, after)];
  return [
    ...(drift > 1e-4 ? [`a sampler's logprobs change by ${drift.toFixed(2)} when training goes on`] : []),
    ...(damage > 1e-4
      ? [`sampling older weights changes the model in training by ${damage.toFixed(2)}`]
      : []),
  ];
}

async function steps(model: HttpTrainingModel, count: number): Promise<{ readonly gained: number }> {
  const sums: number[] = [];
  for (let i = 0; i < count; i++) {
    const gradient = model.forwardBackward(DATA, { name: "cross_entropy" });
    const optimizer = model.optimStep({ learning_rate: 0.01, eps: 1e-8 });
    sums.push((await gradient.result).logprobs[0]!.subarray(2).reduce((sum, p) => sum + p, 0));
    await optimizer.result;
  }
  return { gained: sums.at(-1)! - sums[0]! };
}

async function ownLogprobs(folder: string): Promise<Float32Array> {
  const engine = await LocalEngine.open({ kind: "path", path: folder }, { threads: 1 });
  const sampler = await engine.baseSampler();
  const logprobs = await sampler.logprobs(SEQUENCE).result;
  await engine.close();
  return logprobs.subarray(1);
}

const largest = (a: Float32Array, b: Float32Array): number =>
  Math.max(...[...a].map((value, i) => Math.abs(value - (b[i] ?? Number.NaN))));

const print = (row: Float32Array): string => [...row].map((p) => p.toFixed(4)).join(" ");
