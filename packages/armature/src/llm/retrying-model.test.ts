import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeadlineModel } from "./deadline-model.ts";
import type { CompletionRequest } from "./language-model.ts";
import { ModelCallError, type ModelCallFacts } from "./model-call-error.ts";
import { RetryingModel } from "./retrying-model.ts";
import { ScriptedModel } from "./scripted-model.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const question: CompletionRequest = {
  messages: [{ role: "user", content: "q" }],
  maxTokens: 1,
  temperature: 0,
};
const failure = (facts: Partial<ModelCallFacts> = {}) =>
  new ModelCallError("m: down", { kind: "infrastructure", retryable: true, ...facts });

/** How a call ends and the milliseconds until then. */
async function timed(call: Promise<unknown>) {
  const began = performance.now();
  let outcome: { readonly value?: unknown; readonly error?: unknown; readonly ms: number } | undefined;
  const note = (ended: object): void => {
    outcome = { ...ended, ms: performance.now() - began };
  };
  void call.then(
    (value) => note({ value }),
    (error: unknown) => note({ error }),
  );
  await vi.advanceTimersByTimeAsync(600_000);
  return outcome!;
}

describe("RetryingModel", () => {
  it("tries again after what may pass, within bounds that double", async () => {
    const waits = await Promise.all(
      Array.from({ length: 200 }, async (_, seed) => {
        const scripted = new ScriptedModel([failure(), failure(), failure(), "yes"]);
        const model = new RetryingModel(scripted, { baseMs: 100, maxMs: 300, seed });
        const calls: number[] = [];
        const began = performance.now();
        const complete = scripted.complete.bind(scripted);
        scripted.complete = (...given) => {
          calls.push(performance.now() - began);
          return complete(...given);
        };
        const completion = model.complete(question);
        await vi.advanceTimersByTimeAsync(1000);
        expect((await completion).choices[0]?.text).toBe("yes");
        return calls.slice(1).map((at, i) => at - calls[i]!);
      }),
    );
    for (const [attempt, bound] of [100, 200, 300].entries()) {
      const drawn = waits.map((wait) => wait[attempt]!);
      expect(Math.max(...drawn)).toBeLessThanOrEqual(bound + 1);
      // Even between zero and the bound: the mean of 200 draws is within 4 standard errors of the middle.
      const mean = drawn.reduce((sum, wait) => sum + wait, 0) / drawn.length;
      expect(Math.abs(mean - bound / 2)).toBeLessThan((4 * bound) / Math.sqrt(12 * 200) + 1);
    }
  });

  it("keeps the wait that a server asked for", async () => {
    const model = new RetryingModel(new ScriptedModel([failure({ retryAfterMs: 2000 }), "yes"]), {
      baseMs: 100,
    });
    const { ms, value } = await timed(model.complete(question));
    expect(value).toMatchObject({ choices: [{ text: "yes" }] });
    expect(ms).toBeGreaterThanOrEqual(2000);
    expect(ms).toBeLessThanOrEqual(2101);
  });

  it("gives up after its tries, at what cannot pass, and at waits that are too long", async () => {
    const last = failure();
    const tries = new ScriptedModel([failure(), failure(), last, "late"]);
    expect((await timed(new RetryingModel(tries, { retries: 2 }).complete(question))).error).toBe(last);
    expect(tries.calls).toHaveLength(3);
    for (const facts of [{ retryable: false }, { retryAfterMs: 3_600_000 }]) {
      const scripted = new ScriptedModel([failure(facts), "late"]);
      expect((await timed(new RetryingModel(scripted).complete(question))).ms).toBe(0);
      expect(scripted.calls).toHaveLength(1);
    }
    const fault = new ScriptedModel([new TypeError("a fault of ours"), "late"]);
    expect((await timed(new RetryingModel(fault).complete(question))).error).toBeInstanceOf(TypeError);
  });

  it("stops waiting when the call is aborted", async () => {
    const controller = new AbortController();
    const model = new RetryingModel(new ScriptedModel([failure({ retryAfterMs: 60_000 }), "late"]));
    const call = model.complete(question, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 50);
    const { ms, error } = await timed(call);
    expect(String(error)).toBe("Error: enough");
    expect(ms).toBe(50);
  });
});

describe("DeadlineModel", () => {
  const silent = () => new ScriptedModel(() => new Promise<string>(() => undefined), "judge@host");

  it("ends a call that takes too long, also of a model that hears no signal", async () => {
    const { ms, error } = await timed(new DeadlineModel(silent(), 1500).complete(question));
    expect(ms).toBe(1500);
    expect(error).toMatchObject({
      kind: "timeout",
      retryable: true,
      usage: undefined,
      message: "judge@host: no answer within 1.5 s; raise the timeout or lower the load",
    });
  });

  it("passes the caller's abort on, and leaves no timer behind", async () => {
    let heard: unknown;
    const model = new ScriptedModel((_, __, { signal }) => {
      signal?.addEventListener("abort", () => {
        heard = signal.reason;
      });
      return new Promise<string>(() => undefined);
    });
    const controller = new AbortController();
    const call = new DeadlineModel(model, 1000).complete(question, { signal: controller.signal });
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(heard).toBe(reason);
    await new DeadlineModel(new ScriptedModel(["yes"]), 1000).complete(question);
    expect(vi.getTimerCount()).toBe(0);
  });
});
