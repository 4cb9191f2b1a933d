import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { completionDatum, recoverRequests, ServiceClient, TinkerError, trainStep } from "@armature/tinker";
import { ProtocolServer, type TrainingBackend } from "@armature/tinker/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FaultProxy } from "../../tinker/test/fault-proxy.ts";
import { LocalBackend, SeededStream } from "../src/index.ts";
import { type Deviation, deviant, meanReduction, reweighted } from "./deviant-model.ts";
import { NANO_POLICY } from "./protocol-speaker.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-http-client-"));
const KEY = "tml-key-of-the-test";
const CE = { name: "cross_entropy" } as const;
const ADAM = { learning_rate: 0.01, eps: 1e-8 };
const DATUM = completionDatum([3, 5], [7, 4], { weights: [1, 1] });

/** One engine; its servers deviate as they are told. */
let backend: LocalBackend;
const servers: ProtocolServer[] = [];
beforeAll(async () => {
  backend = await LocalBackend.open([{ path: NANO_POLICY }], { threads: 1 });
});
afterAll(async () => {
  for (const server of servers) await server.close();
  await backend.close();
  rmSync(folder, { recursive: true });
});

async function serve(deviation: Deviation = {}): Promise<string> {
  const shown: TrainingBackend = {
    models: backend.models,
    baseSampler: (name) => backend.baseSampler(name),
    createModel: async (...args) => deviant(await backend.createModel(...args), deviation),
    close: async () => undefined,
  };
  const checkpoints = join(folder, `server-${servers.length}`);
  const server = await ProtocolServer.start(shown, { port: 0, checkpoints, apiKey: KEY });
  servers.push(server);
  return server.url;
}

const connect = (url: string, more = {}) => ServiceClient.connect({ url, apiKey: KEY, ...more });
const lora = { rank: 4, seed: 1 };

describe("a client of our server", () => {
  it("is refused without the key", async () => {
    const error = await ServiceClient.connect({ url: await serve() }).catch((reason: unknown) => reason);
    expect(TinkerError.isInstance(error) && error.kind).toBe("auth");
  });

  it("goes back to a saved state in the middle of training, with a new model on the server", async () => {
    const client = await connect(await serve());
    const model = await client.createModel({ lora });
    await trainStep(model, [DATUM], CE, ADAM).result;
    const saved = await model.saveState("one").result;
    const before = await model.forward([DATUM]).result;
    for (let i = 0; i < 3; i++) await trainStep(model, [DATUM], CE, ADAM).result;
    const id = model.modelId;
    // Called without waiting: what follows must act on the loaded weights.
    const loaded = model.loadState(saved.path, { optimizer: true });
    const after = model.forward([DATUM]);
    expect((await after.result).logprobs).toEqual(before.logprobs);
    await loaded.result;
    expect(model.modelId).not.toBe(id);
    await model.dispose();
    client.close();
  });

  it("knows after a crash what became of the requests that were out", async () => {
    const url = await serve();
    const journal = join(folder, "journal.jsonl");
    const crashing = await connect(url, { journal });
    const model = await crashing.createModel({ lora });
    await trainStep(model, [DATUM], CE, ADAM).result;
    // The crash: submitted, never looked at. The journal of a process that died ends here.
    await Promise.all([model.forwardBackward([DATUM], CE).submitted, model.optimStep(ADAM).submitted]);
    const lines = readFileSync(journal, "utf8").split("\n");
    const submitted = lines.filter((line) => line.includes('"submitted"'));
    expect(submitted).toHaveLength(4);
    const left = join(folder, "left.jsonl");
    const known = lines.filter((line) => line.includes('"done"') && /"seqId":[12],/.test(line));
    writeFileSync(left, `${[...submitted, ...known].join("\n")}\n`);
    const client = await connect(url);
    const { requests, steps } = await recoverRequests(client, left);
    expect(requests.map(({ seqId, type, outcome }) => [seqId, type, outcome])).toEqual([
      [3, "ForwardBackward", "done"],
      [4, "OptimStep", "done"],
    ]);
    expect(steps.get(model.modelId)).toBe(2);
    expect((await recoverRequests(client, left)).requests).toEqual([]);
    expect(readFileSync(left, "utf8")).not.toContain(KEY);
    client.close();
  });

  it("ends with the weights of a clean run where connections break, polls fail and the server refuses", async () => {
    const url = await serve();
    const random = new SeededStream(1, "faults");
    const faults = { dropped: 0.2, failedPolls: 0.1, bursts: 0.02, burstLength: 3 };
    const proxy = await FaultProxy.start(
      () => url,
      faults,
      () => random.next(),
    );
    const train = async (address: string) => {
      const client = await connect(address, { limits: { pauseMs: 5, longestPauseMs: 50, attempts: 30 } });
      const model = await client.createModel({ lora });
      const steps = Array.from({ length: 12 }, () => trainStep(model, [DATUM], CE, ADAM).result);
      await Promise.all(steps);
      const { logprobs } = await model.forward([DATUM]).result;
      await model.dispose();
      client.close();
      return logprobs;
    };
    expect(await train(proxy.url)).toEqual(await train(url));
    expect(proxy.counts.droppedBefore).toBeGreaterThan(0);
    expect(proxy.counts.droppedAfter).toBeGreaterThan(0);
    expect(proxy.counts.failedPolls).toBeGreaterThan(0);
    await proxy.close();
  });

  it("lists checkpoints and downloads one whole", async () => {
    const client = await connect(await serve());
    const model = await client.createModel({ lora, metadata: { purpose: "test" } });
    const { path } = await model.saveWeights("final").result;
    const files = await client.checkpoints.download(path, join(folder, "download"));
    expect(files).toContain("adapter_model.safetensors");
    expect(readdirSync(join(folder, "download")).sort()).toEqual([...files]);
    expect((await client.checkpoints.list(model.modelId)).map(({ tinker_path }) => tinker_path)).toEqual([
      path,
    ]);
    const runs: string[] = [];
    for await (const run of client.checkpoints.runs()) runs.push(run.training_run_id);
    expect(runs).toContain(model.modelId);
    expect((await client.checkpoints.weightsInfo(path)).lora_rank).toBe(4);
    await client.checkpoints.delete(path);
    expect(await client.checkpoints.list(model.modelId)).toEqual([]);
    client.close();
  });
});

describe("a probe", () => {
  it("finds nothing on a server that keeps to the protocol", async () => {
    const client = await connect(await serve());
    expect(await client.probe()).toMatchObject({
      evidence: "probed",
      reduction: "sum",
      signedWeights: true,
      gradClipNorm: true,
      losses: ["cross_entropy", "importance_sampling", "ppo", "cispo"],
      deviations: [],
    });
    client.close();
  });

  it("finds a mean, and then a custom loss is refused with the reason", async () => {
    const client = await connect(await serve({ data: meanReduction }));
    const profile = await client.probe();
    expect(profile).toMatchObject({ reduction: "mean", signedWeights: false });
    expect(profile.deviations[0]).toContain("two equal datums move logprobs 1.00 times as far as one");
    const model = await client.createModel({ lora });
    const custom = model.forwardBackwardCustom([DATUM], (logprobs) => ({
      loss: 0,
      gradients: logprobs.map((row) => row.map(() => 1)),
    }));
    await expect(custom.result).rejects.toThrow("does not take negative weights literally");
    await model.dispose();
    client.close();
  });

  it.each<[string, Deviation, object]>([
    [
      "weights without their sign",
      { data: (data) => data.map((datum) => reweighted(datum, (row) => row.map(Math.abs))) },
      { reduction: "sum", signedWeights: false },
    ],
    [
      "no clipping",
      { adam: (adam) => ({ ...adam, grad_clip_norm: 0 }) },
      { gradClipNorm: false, signedWeights: true },
    ],
    [
      "a loss that is missing",
      {
        loss: (loss) => {
          if (loss.name === "cispo") throw new TinkerError("user", "no such loss");
          return loss;
        },
      },
      { losses: ["cross_entropy", "importance_sampling", "ppo"], deviations: ["loss cispo is missing"] },
    ],
  ])("finds %s", async (_, deviation, expected) => {
    const client = await connect(await serve(deviation));
    expect(await client.probe()).toMatchObject(expected);
    client.close();
  });
});
