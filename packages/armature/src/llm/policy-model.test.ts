import { LocalEngine, openModel } from "@armature/engine";
import type { SampleRequest, Sampler } from "@armature/tinker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ChatEncoder } from "../judge/paper-dialect.ts";
import { nanoModelPath } from "../train/arm-models.ts";
import type { CompletionRequest } from "./language-model.ts";
import { PolicyModel, type PolicyModelSettings } from "./policy-model.ts";

let engine: LocalEngine;
let settings: PolicyModelSettings;
const batches: number[] = [];

beforeAll(async () => {
  const path = nanoModelPath("policy");
  const { tokenizer, weights } = openModel(path);
  weights.close();
  engine = await LocalEngine.open({ kind: "path", path }, { threads: 1 });
  const sampler = await engine.baseSampler();
  // The nano models read requests without roles.
  const encoder: ChatEncoder = {
    encodeChat: (messages) => tokenizer.encode(messages.map(({ content }) => content).join(" ")),
    encode: (text) => tokenizer.encode(text),
    decode: (tokens) => tokenizer.decode(tokens, { skipSpecial: true }),
    eosTokens: tokenizer.eosTokenIds,
  };
  settings = {
    id: "nano",
    sampler: { ...counting(sampler), dispose: () => sampler.dispose() },
    encoder,
    endTexts: tokenizer.eosTokenIds.map((token) => tokenizer.decode([token])),
    contextLength: engine.info.maxContextLength,
  };
});
afterAll(() => engine.close());

function counting(sampler: Sampler): Omit<Sampler, "dispose"> {
  return {
    sample: (prompt, options) => sampler.sample(prompt, options),
    sampleMany: (requests: readonly SampleRequest[]) => {
      batches.push(requests.length);
      return sampler.sampleMany(requests);
    },
    logprobs: (tokens) => sampler.logprobs(tokens),
    logprobsMany: (sequences) => sampler.logprobsMany(sequences),
  };
}

const ask = (content: string, more: Partial<CompletionRequest> = {}): CompletionRequest => ({
  messages: [{ role: "user", content }],
  maxTokens: 24,
  temperature: 1,
  seed: 5,
  ...more,
});
const PROMPTS = [
  "write to the boss about the lamp .",
  "write to the friend about the lamp .",
  "write to the child about the lamp .",
];

describe("PolicyModel", () => {
  it("samples concurrent calls as one batch, and each as if it were alone", async () => {
    const model = new PolicyModel(settings);
    const alone = [];
    for (const prompt of PROMPTS) alone.push(await model.complete(ask(prompt, { seed: prompt.length })));
    batches.length = 0;
    const together = await Promise.all(
      PROMPTS.map((prompt) => model.complete(ask(prompt, { seed: prompt.length }))),
    );
    expect(batches).toEqual([3]);
    expect(together).toEqual(alone);
    expect(together[0]?.usage).toMatchObject({ calls: 1, promptTokens: 8, costUsd: 0 });
    expect(new Set(together.map(({ choices }) => choices[0]?.text)).size).toBeGreaterThan(1);
    batches.length = 0;
    const small = new PolicyModel({ ...settings, maxBatch: 2 });
    await Promise.all(PROMPTS.map((prompt) => small.complete(ask(prompt))));
    expect(batches).toEqual([2, 1]);
  });

  it("tells the logprob of each token of the text", async () => {
    const { choices } = await new PolicyModel(settings).complete(ask(PROMPTS[0]!, { n: 2, topLogprobs: 0 }));
    expect(choices).toHaveLength(2);
    for (const { text, logprobs } of choices) {
      expect(logprobs?.map(({ token }) => token).join("")).toBe(text);
      const tokens = settings.encoder.encode(`${PROMPTS[0]} ${text}`);
      const scored = await settings.sampler.logprobs(tokens).result;
      for (const [i, { logprob }] of (logprobs ?? []).entries()) {
        // Position i of the scores belongs to token i + 1.
        const score = scored[scored.length - (logprobs?.length ?? 0) + i]!;
        expect(Math.abs(logprob - score)).toBeLessThan(1e-3);
      }
    }
  });

  it("tells alternatives with their own logprobs where the sampler can", async () => {
    const model = new PolicyModel({ ...settings, alternatives: true });
    const { choices } = await model.complete(ask(PROMPTS[0]!, { topLogprobs: 3, n: 2 }));
    const { text, logprobs = [] } = choices[1]!;
    expect(logprobs.map(({ token }) => token).join("")).toBe(text);
    const place = 2;
    const before = logprobs.slice(0, place).map(({ token }) => token);
    const { logprob, top } = logprobs[place]!;
    expect(top).toHaveLength(3);
    expect(top[0]!.logprob).toBeGreaterThanOrEqual(logprob - 1e-6);
    for (const alternative of top) {
      const told = `${PROMPTS[0]} ${before.join("")}${alternative.token}`;
      const scored = await settings.sampler.logprobs(settings.encoder.encode(told)).result;
      expect(Math.abs(alternative.logprob - scored.at(-1)!)).toBeLessThan(1e-3);
    }
    // Without the setting nothing is asked of the sampler, and the token stands alone.
    const plain = await new PolicyModel(settings).complete(ask(PROMPTS[0]!, { topLogprobs: 3, n: 2 }));
    expect(plain.choices[1]!.logprobs![place]!.top).toHaveLength(1);
  });

  it("gives each option of a closed list the probability of an answer that begins with it", async () => {
    const model = new PolicyModel(settings);
    const among = ["boss lamp", "boss", "lamp"];
    const { choices, usage } = await model.complete(ask(PROMPTS[0]!, { among }));
    expect(usage).toMatchObject({ calls: 1, promptTokens: 8, completionTokens: 0 });
    const [choice] = choices;
    const { top } = choice!.logprobs![0]!;
    expect(top.map(({ token }) => token).toSorted()).toEqual(among.toSorted());
    expect(choice!.text).toBe(top[0]!.token);
    for (const [i, { token, logprob }] of top.entries()) {
      const tokens = settings.encoder.encode(`${PROMPTS[0]} ${token}`);
      const scored = [...(await settings.sampler.logprobs(tokens).result)].slice(8);
      expect(logprob).toBeCloseTo(
        scored.reduce((sum, one) => sum + one, 0),
        4,
      );
      if (i > 0) expect(logprob).toBeLessThanOrEqual(top[i - 1]!.logprob);
    }
    const aborted = model.complete(ask(PROMPTS[0]!, { among }), {
      signal: AbortSignal.abort(new Error("enough")),
    });
    await expect(aborted).rejects.toThrow("enough");
    await expect(model.complete(ask(PROMPTS[0]!, { among: ["zyzzyva"] }))).rejects.toMatchObject({
      kind: "infrastructure",
    });
  });

  it("ends before a stop text", async () => {
    const model = new PolicyModel(settings);
    const whole = (await model.complete(ask(PROMPTS[0]!))).choices[0]!.text;
    const stop = whole.split(" ")[2]!;
    const { choices } = await model.complete(ask(PROMPTS[0]!, { stop: [` ${stop}`], topLogprobs: 0 }));
    expect(choices[0]?.text).toBe(whole.slice(0, whole.indexOf(` ${stop}`)));
    expect(choices[0]?.finishReason).toBe("stop");
    expect(choices[0]?.logprobs?.map(({ token }) => token).join("")).toBe(choices[0]?.text);
  });

  it("refuses what does not fit or cannot be encoded, alone in its batch", async () => {
    const model = new PolicyModel(settings);
    await expect(model.complete(ask(PROMPTS[0]!, { maxTokens: 4096 }))).rejects.toMatchObject({
      kind: "context",
      retryable: false,
      message: expect.stringContaining("nano: 8 prompt tokens and an answer of 4096 exceed the context of"),
    });
    await expect(model.complete(ask("zyzzyva"))).rejects.toMatchObject({
      kind: "infrastructure",
      retryable: false,
    });
    const [bad, good] = await Promise.allSettled([
      model.complete(ask(PROMPTS[0]!, { topP: 7 })),
      model.complete(ask(PROMPTS[1]!)),
    ]);
    expect(bad).toMatchObject({ status: "rejected", reason: { kind: "infrastructure" } });
    expect(good.status).toBe("fulfilled");
  });

  it("ends an aborted call at once, and does not sample what still waits", async () => {
    const model = new PolicyModel(settings);
    batches.length = 0;
    const controller = new AbortController();
    const aborted = model.complete(ask(PROMPTS[0]!), { signal: controller.signal });
    const other = model.complete(ask(PROMPTS[1]!));
    controller.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    await other;
    expect(batches).toEqual([1]);
  });
});
