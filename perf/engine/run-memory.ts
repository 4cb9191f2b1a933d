/**
 * Resident memory of the engine through what a Rubric-ARM run on SmolLM2-135M does, step by step: two adapters over one
 * base; prompts and responses as long as those of recipes/local-smollm2, but few new tokens, for time. Prints a JSON line
 * for each step and, last, the peak:
 *
 *   npx tsx --conditions=armature-source perf/engine/run-memory.ts [MODEL]
 *
 * Without MODEL, a GGUF file or a folder, weights are random.
 */
import { readFileSync } from "node:fs";
import { completionDatum, type Datum, type SampleRequest } from "@armature/tinker";
import { EngineHost, type EngineSource } from "../../packages/engine/src/local/engine-host.ts";
import { SeededStream } from "../../packages/engine/src/random/seeded-stream.ts";
import { engineConfig, engineLora, SMOLLM2 } from "./shapes.ts";

const NEW_TOKENS = 8;
const stream = new SeededStream(0, "run memory");
const host = new EngineHost();
const [, , path] = process.argv;
const source: EngineSource = path
  ? { kind: "path", path }
  : { kind: "random", name: SMOLLM2.name, config: engineConfig(SMOLLM2), seed: 0 };

await step("open", () => host.open({ source, settings: { logprobs: "weighted", threads: 1 } }));
const lora = engineLora(SMOLLM2);
const generator = await host.createModel({ lora });
const judge = await host.createModel({ lora });
const references = [await host.samplerNow(generator), await host.samplerNow(judge)];

const player = { generator: [20, 320, 60], judge: [440, 640, 220] } as const;
for (const [name, model] of [
  ["judge", judge],
  ["generator", generator],
] as const) {
  const [shortest, longest, response] = player[name];
  const lengths = (count: number) =>
    Array.from({ length: count }, () => shortest + stream.below(longest - shortest));
  const learn = async (data: readonly Datum[]) => {
    await host.forwardBackward({ ...model, data, loss: { name: "cross_entropy" } });
    await host.optimStep({ ...model, adam: { learning_rate: 1e-4 } });
  };
  for (let batch = 0; batch < 2; batch++)
    await step(`${name}: warm-up, 2 rows`, () => learn(lengths(2).map((length) => row(length, response))));
  await step(`${name}: greedy, 24 prompts`, () => sample(model, lengths(24), 1));
  await step(`${name}: 4 prompts, 4 samples each`, () => sample(model, lengths(4), 4));
  const groups = lengths(4).map((length) => tokens(length));
  const rows = groups.flatMap((prompt) =>
    [0, 1, 2, 3].map(() => ({ prompt, response: tokens(response - stream.below(40)) })),
  );
  await step(`${name}: reference logprobs, 16 rows`, () =>
    host.logprobsMany({
      samplerId: references[name === "judge" ? 1 : 0]!,
      sequences: rows.map((each) => [...each.prompt, ...each.response]),
    }),
  );
  await step(`${name}: update, 16 rows`, () =>
    learn(
      rows.map((each) =>
        completionDatum(each.prompt, each.response, { weights: each.response.map(() => 1) }),
      ),
    ),
  );
}
process.stdout.write(`${JSON.stringify({ peakMebibytes: mebibytes("VmHWM") })}\n`);

async function step(what: string, work: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  await work();
  const seconds = Number(((performance.now() - began) / 1000).toFixed(1));
  const measured = {
    what,
    seconds,
    residentMebibytes: mebibytes("VmRSS"),
    peakMebibytes: mebibytes("VmHWM"),
  };
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}

async function sample(
  { modelId }: { modelId: number },
  lengths: readonly number[],
  samples: number,
): Promise<void> {
  const samplerId = await host.samplerNow({ modelId });
  const requests: SampleRequest[] = lengths.map((length, seed) => ({
    prompt: tokens(length),
    options: { maxTokens: NEW_TOKENS, numSamples: samples, temperature: samples === 1 ? 0 : 1, seed },
  }));
  await host.sampleMany({ samplerId, requests });
  await host.releaseSampler({ samplerId });
}

function tokens(count: number): number[] {
  return Array.from({ length: count }, () => 3 + stream.below(49_000));
}

function row(prompt: number, response: number): Datum {
  const completion = tokens(response);
  return completionDatum(tokens(prompt), completion, { weights: completion.map(() => 1) });
}

function mebibytes(field: "VmRSS" | "VmHWM"): number {
  const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(
    readFileSync("/proc/self/status", "utf8"),
  );
  return Math.round(Number(kibibytes![1]) / 1024);
}
