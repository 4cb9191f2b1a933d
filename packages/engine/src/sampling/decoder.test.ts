import type { SampleOptions, SampleRequest } from "@armature/tinker";
import { describe, expect, test } from "vitest";
import { logprobOf, randomModel, referenceLogits, tinyConfig } from "../../test/tiny-llama.ts";
import type { LoraConfig } from "../model/lora.ts";
import type { ModelConfig } from "../model/model-config.ts";
import { SeededStream } from "../random/seeded-stream.ts";
import { Decoder, type DecoderOptions } from "./decoder.ts";

const lora: LoraConfig = { rank: 3, alpha: 6, attention: true, mlp: true, head: true, seed: 1 };

const decoderOf = (
  config: ModelConfig = tinyConfig,
  options: Partial<DecoderOptions> = {},
  store = randomModel(config, 7, options.lora),
) => new Decoder(config, (name) => store.get(name).values, { threads: 1, ...options });

const stream = new SeededStream(11, "prompts");
const randomPrompt = (length: number) =>
  Array.from({ length }, () => stream.below(tinyConfig.vocabularySize));
const request = (prompt: readonly number[], options: SampleOptions): SampleRequest => ({ prompt, options });
const tokensOf = (tokens: Int32Array) => [...tokens];

describe("against the training graph in the interpreter", () => {
  const cases: [string, ModelConfig, LoraConfig | undefined][] = [
    ["grouped heads, tied head", tinyConfig, undefined],
    [
      "one head for each, own output head",
      { ...tinyConfig, keyValueHeads: 4, tiedEmbeddings: false },
      undefined,
    ],
    ["one shared key and value head", { ...tinyConfig, keyValueHeads: 1, layers: 1 }, undefined],
    ["adapters on every layer and the head", tinyConfig, lora],
  ];
  test.each(cases)("greedy tokens and logprobs: %s", async (_, config, adapter) => {
    const store = randomModel(config, 5, adapter);
    const decoder = decoderOf(config, adapter ? { lora: adapter } : {}, store);
    const prompts = [randomPrompt(5), randomPrompt(3)];
    const results = await decoder.sampleMany(
      prompts.map((prompt) => request(prompt, { maxTokens: 5, temperature: 0, promptLogprobs: true })),
    );
    prompts.forEach((prompt, index) => {
      const [sequence] = results[index]!.sequences;
      const text = [...prompt, ...sequence!.tokens];
      const logits = referenceLogits(config, store, text, adapter);
      sequence!.tokens.forEach((token, i) => {
        const row = logits[prompt.length + i - 1]!;
        expect(token).toBe(row.indexOf(Math.max(...row)));
        expect(sequence!.logprobs[i]).toBeCloseTo(logprobOf(row, token), 5);
      });
      const [first, ...rest] = results[index]!.promptLogprobs!;
      expect(first).toBeNull();
      rest.forEach((logprob, i) => {
        expect(logprob).toBeCloseTo(logprobOf(logits[i]!, prompt[i + 1]!), 5);
      });
    });
  });
});

test("logprobs of sampled tokens equal those of a full forward pass, at any temperature and filter", async () => {
  const decoder = decoderOf(tinyConfig, { lora });
  const prompts = Array.from({ length: 9 }, (_, i) => randomPrompt(1 + 3 * i));
  const settings = [
    {},
    { temperature: 0.5 },
    { temperature: 1.7, topK: 7 },
    { topP: 0.6 },
    { temperature: 0 },
  ];
  const requests = prompts.map((prompt, i) =>
    request(prompt, { maxTokens: 20, seed: i, ...settings[i % settings.length] }),
  );
  const results = await decoder.sampleMany(requests);
  const full = await decoder.logprobsMany(
    results.map(({ sequences }, i) => [...prompts[i]!, ...sequences[0]!.tokens]),
  );
  results.forEach(({ sequences }, i) => {
    expect(full[i]![0]).toBeNaN();
    const scored = full[i]!.subarray(prompts[i]!.length);
    expect(scored.length).toBe(20);
    sequences[0]!.logprobs.forEach((logprob, j) => {
      expect(Math.abs(logprob - scored[j]!)).toBeLessThan(1e-4);
    });
  });
});

test("rows of a batch equal single-row runs, in all layouts", async () => {
  const decoder = decoderOf();
  // 200 rows are decoded in the layout of many rows, then of few, then of one.
  const requests = Array.from({ length: 200 }, (_, i) =>
    request(randomPrompt(1 + (i % 23)), {
      maxTokens: i === 57 ? 15 : 6 + (i % 5),
      temperature: i % 2,
      seed: i,
    }),
  );
  const together = await decoder.sampleMany(requests);
  for (const index of [0, 1, 22, 57, 198, 199]) {
    const [alone] = await decoder.sampleMany([requests[index]!]);
    const [a, b] = [alone!.sequences[0]!, together[index]!.sequences[0]!];
    expect(tokensOf(b.tokens)).toEqual(tokensOf(a.tokens));
    b.logprobs.forEach((logprob, i) => {
      expect(logprob).toBeCloseTo(a.logprobs[i]!, 4);
    });
  }
});

test("the samples of a group equal the same samples in a crowd, and differ from each other", async () => {
  const decoder = decoderOf();
  const group = request(randomPrompt(6), { maxTokens: 12, numSamples: 5, seed: 3 });
  const [alone] = await decoder.sampleMany([group]);
  const crowd = Array.from({ length: 6 }, (_, i) => request(randomPrompt(4 + i), { maxTokens: 4, seed: i }));
  const [together] = (await decoder.sampleMany([...crowd, group])).slice(-1);
  expect(together!.sequences.map(({ tokens }) => tokensOf(tokens))).toEqual(
    alone!.sequences.map(({ tokens }) => tokensOf(tokens)),
  );
  expect(new Set(alone!.sequences.map(({ tokens }) => tokens.join())).size).toBe(5);
});

test("requests of the same prompt share its prefill and keep their own options", async () => {
  const decoder = decoderOf();
  const prompt = randomPrompt(5);
  const twice = await decoder.sampleMany([
    request(prompt, { maxTokens: 4, temperature: 0 }),
    request(prompt, { maxTokens: 9, seed: 4, numSamples: 2 }),
  ]);
  const [greedy] = await decoder.sampleMany([request(prompt, { maxTokens: 4, temperature: 0 })]);
  const [drawn] = await decoder.sampleMany([request(prompt, { maxTokens: 9, seed: 4, numSamples: 2 })]);
  expect(twice.map(({ sequences }) => sequences.map(({ tokens }) => tokensOf(tokens)))).toEqual(
    [greedy!, drawn!].map(({ sequences }) => sequences.map(({ tokens }) => tokensOf(tokens))),
  );
});

test("few rows at a time and little memory give the same as all at once", async () => {
  const store = randomModel(tinyConfig, 7);
  const requests = Array.from({ length: 17 }, (_, i) =>
    request(randomPrompt(1 + (i % 9)), { maxTokens: 3 + ((i * 7) % 11), seed: i, numSamples: 1 + (i % 3) }),
  );
  const all = await decoderOf(tinyConfig, {}, store).sampleMany(requests);
  // A row of 32 slots takes 2 · 2 · 2 · 4 · 4 · 32 = 4096 bytes.
  for (const options of [{ maxBatch: 4 }, { maxCacheBytes: 3 * 4096 }, { maxBatch: 1 }]) {
    const few = await decoderOf(tinyConfig, options, store).sampleMany(requests);
    expect(few.map(({ sequences }) => sequences.map(({ tokens }) => tokensOf(tokens)))).toEqual(
      all.map(({ sequences }) => sequences.map(({ tokens }) => tokensOf(tokens))),
    );
  }
});

test("groups that share prompts of different lengths, leave one by one and wait for rows", async () => {
  const store = randomModel(tinyConfig, 7, lora);
  const requests = [3, 31, 17, 16, 52].map((length, i) =>
    request(randomPrompt(length), { maxTokens: 20 + 7 * i, numSamples: 4, seed: i, stop: [i] }),
  );
  // With a batch of 7, groups are split and prompts come and go.
  for (const maxBatch of [256, 7]) {
    const decoder = decoderOf(tinyConfig, { lora, maxBatch }, store);
    const sequences = (await decoder.sampleMany(requests)).map((result) => result.sequences);
    const texts = sequences.flatMap((group, i) =>
      group.map(({ tokens }) => [...requests[i]!.prompt, ...tokens]),
    );
    const full = await decoder.logprobsMany(texts);
    sequences.forEach((group, i) => {
      group.forEach(({ logprobs }, sample) => {
        const scored = full[4 * i + sample]!.subarray(requests[i]!.prompt.length);
        expect(scored.length).toBe(logprobs.length);
        logprobs.forEach((logprob, j) => {
          expect(Math.abs(logprob - scored[j]!)).toBeLessThan(1e-4);
        });
      });
    });
    expect(new Set(texts.map((text) => text.length)).size).toBeGreaterThan(8);
  }
});

test("the cache grows over several bucket borders while rows leave", async () => {
  const decoder = decoderOf();
  const requests = [70, 3, 40, 15].map((maxTokens, i) =>
    request(randomPrompt(14 + i), { maxTokens, temperature: 0 }),
  );
  const results = await decoder.sampleMany(requests);
  const full = await decoder.logprobsMany(
    results.map(({ sequences }, i) => [...requests[i]!.prompt, ...sequences[0]!.tokens]),
  );
  results.forEach(({ sequences: [sequence] }, i) => {
    expect(sequence!.tokens.length).toBe(requests[i]!.options.maxTokens);
    sequence!.logprobs.forEach((logprob, j) => {
      expect(logprob).toBeCloseTo(full[i]![requests[i]!.prompt.length + j]!, 4);
    });
  });
});

test("stop tokens end a sequence and are part of it; stop strings are found across tokens", async () => {
  const decodeText = (tokens: readonly number[]) =>
    tokens.map((token) => String.fromCharCode(97 + token)).join("");
  const decoder = decoderOf(tinyConfig, { decodeText });
  const prompt = randomPrompt(5);
  const free = (await decoder.sampleMany([request(prompt, { maxTokens: 20, seed: 1 })]))[0]!.sequences[0]!;
  expect(free.stopReason).toBe("length");
  const firstAt = tokensOf(free.tokens).indexOf(free.tokens[7]!);
  const byToken = request(prompt, { maxTokens: 20, seed: 1, stop: [free.tokens[7]!] });
  const text = decodeText(tokensOf(free.tokens));
  const byText = request(prompt, { maxTokens: 20, seed: 1, stop: ["never", text.slice(6, 9)] });
  const [token, string] = (await decoder.sampleMany([byToken, byText])).map(({ sequences }) => sequences[0]!);
  expect(token!.stopReason).toBe("stop");
  expect(tokensOf(token!.tokens)).toEqual(tokensOf(free.tokens).slice(0, firstAt + 1));
  expect(string!.stopReason).toBe("stop");
  expect(tokensOf(string!.tokens)).toEqual(
    tokensOf(free.tokens).slice(0, text.indexOf(text.slice(6, 9)) + 3),
  );
});

test("first tokens follow the softmax of the interpreter's logits", async () => {
  const store = randomModel(tinyConfig, 7);
  const prompt = randomPrompt(4);
  const samples = 4000;
  const decoder = decoderOf(tinyConfig, {}, store);
  const [result] = await decoder.sampleMany([
    request(prompt, { maxTokens: 1, numSamples: samples, seed: 9 }),
  ]);
  const logits = referenceLogits(tinyConfig, store, prompt).at(-1)!;
  const counts = new Array<number>(tinyConfig.vocabularySize).fill(0);
  for (const { tokens } of result!.sequences) counts[tokens[0]!]!++;
  const chiSquare = counts.reduce((sum, count, token) => {
    const expected = samples * Math.exp(logprobOf(logits, token));
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  // 28 degrees of freedom: 0.1 % lie above 56.9.
  expect(chiSquare).toBeLessThan(56.9);
});

test("requests without a seed differ from each other; a decoder's seed repeats them", async () => {
  const store = randomModel(tinyConfig, 7);
  const prompt = randomPrompt(4);
  const run = async (seed: number) => {
    const decoder = decoderOf(tinyConfig, { seed }, store);
    const results = await decoder.sampleMany([1, 2].map(() => request(prompt, { maxTokens: 15 })));
    return results.map(({ sequences }) => sequences[0]!.tokens.join());
  };
  const [a, b] = await run(1);
  expect(a).not.toBe(b);
  expect(await run(1)).toEqual([a, b]);
  expect(await run(2)).not.toEqual([a, b]);
});

test("changed weights are seen without a new decoder; withWeights samples another policy", async () => {
  const store = randomModel(tinyConfig, 7);
  const other = randomModel(tinyConfig, 8);
  const decoder = decoderOf(tinyConfig, {}, store);
  const greedy = request(randomPrompt(6), { maxTokens: 8, temperature: 0 });
  const sample = async (from: Decoder) =>
    tokensOf((await from.sampleMany([greedy]))[0]!.sequences[0]!.tokens);
  const before = await sample(decoder);
  const otherTokens = await sample(decoder.withWeights((name) => other.get(name).values));
  expect(otherTokens).not.toEqual(before);
  expect(await sample(decoder)).toEqual(before);
  store.values.set(other.values);
  expect(await sample(decoder)).toEqual(otherTokens);
});

test("weights declared constant give the same from their copies as panels, with and without adapters", async () => {
  const store = randomModel(tinyConfig, 7, lora);
  const single = request(randomPrompt(6), { maxTokens: 9, seed: 2 });
  for (const adapter of [undefined, lora]) {
    const plain = decoderOf(tinyConfig, adapter && { lora: adapter }, store);
    const copying = decoderOf(
      tinyConfig,
      { isConstant: () => true, ...(adapter && { lora: adapter }) },
      store,
    );
    const [expected, actual] = [await plain.sampleMany([single]), await copying.sampleMany([single])];
    expect(actual[0]!.sequences[0]!.tokens).toEqual(expected[0]!.sequences[0]!.tokens);
    actual[0]!.sequences[0]!.logprobs.forEach((logprob, i) => {
      expect(logprob).toBeCloseTo(expected[0]!.sequences[0]!.logprobs[i]!, 4);
    });
  }
});

test("calls made at once run one after the other", async () => {
  const decoder = decoderOf();
  const requests = [randomPrompt(3), randomPrompt(8)].map((prompt) =>
    request(prompt, { maxTokens: 9, temperature: 0 }),
  );
  const alone = [await decoder.sampleMany([requests[0]!]), await decoder.sampleMany([requests[1]!])];
  const atOnce = await Promise.all(requests.map((one) => decoder.sampleMany([one])));
  expect(atOnce).toEqual(alone);
});

test("progress counts up to all tokens; an aborted call rejects and leaves the decoder usable", async () => {
  const decoder = decoderOf();
  const requests = [1, 5, 9].map((maxTokens) => request(randomPrompt(3), { maxTokens, seed: 1 }));
  const seen: number[] = [];
  await decoder.sampleMany(requests, { onProgress: ({ tokens }) => seen.push(tokens) });
  expect(seen.at(-1)).toBe(15);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  const controller = new AbortController();
  const aborted = decoder.sampleMany(requests, {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error("enough")),
  });
  await expect(aborted).rejects.toThrow("enough");
  expect((await decoder.sampleMany(requests))[2]!.sequences[0]!.tokens.length).toBe(9);
});

test("weights that are not finite are an error, and the decoder recovers when they are mended", async () => {
  const store = randomModel(tinyConfig, 7);
  const decoder = decoderOf(tinyConfig, {}, store);
  const greedy = request(randomPrompt(6), { maxTokens: 8, temperature: 0 });
  const before = await decoder.sampleMany([greedy]);
  const weight = store.get("model.layers.0.self_attn.v_proj.weight").values;
  const [kept] = weight;
  weight[0] = Number.NaN;
  await expect(decoder.sampleMany([greedy])).rejects.toThrow("not finite");
  weight[0] = kept!;
  expect(await decoder.sampleMany([greedy])).toEqual(before);
});

describe("requests that cannot be served say what to mend", () => {
  const cases: [string, SampleRequest, RegExp][] = [
    ["empty prompt", request([], { maxTokens: 1 }), /request 0: no tokens/],
    ["token outside", request([3, 29], { maxTokens: 1 }), /token 29 at position 1 .* vocabulary of 29/],
    ["negative token", request([-1], { maxTokens: 1 }), /token -1 at position 0/],
    ["too long", request(randomPrompt(129), { maxTokens: 1 }), /129 tokens exceed .* context of 128/],
    [
      "too long with its answer",
      request(randomPrompt(100), { maxTokens: 29 }),
      /100 prompt tokens and maxTokens 29/,
    ],
    ["no tokens asked", request([1], { maxTokens: 0 }), /maxTokens is 0/],
    ["temperature", request([1], { maxTokens: 1, temperature: Number.NaN }), /temperature is NaN/],
    ["top-p", request([1], { maxTokens: 1, topP: 0 }), /topP is 0/],
    ["top-k", request([1], { maxTokens: 1, topK: 0 }), /topK is 0/],
    ["samples", request([1], { maxTokens: 1, numSamples: 1.5 }), /numSamples is 1.5/],
    ["no tokenizer", request([1], { maxTokens: 1, stop: ["x"] }), /stop: strings need the model's tokenizer/],
    ["empty stop", request([1], { maxTokens: 1, stop: [""] }), /stop string is empty/],
  ];
  test.each(cases)("%s", async (_, broken, message) => {
    await expect(decoderOf().sampleMany([broken])).rejects.toThrow(message);
  });

  test("sequences to score", async () => {
    await expect(decoderOf().logprobsMany([[1, 2], []])).rejects.toThrow(/sequence 1: no tokens/);
  });
});
