import { describe, expect, it } from "vitest";
import { MeteredModel, UsageMeter } from "./metered-model.ts";
import { ModelCallError } from "./model-call-error.ts";
import { ScriptedModel } from "./scripted-model.ts";
import { usageLine } from "./usage-report.ts";

const ask = (content: string) => ({
  messages: [{ role: "user" as const, content }],
  maxTokens: 9,
  temperature: 0,
});
const failure = (kind: "timeout" | "budget") => new ModelCallError("m: no", { kind, retryable: false });

describe("MeteredModel", () => {
  it("counts answers, failures and tokens by purpose; an abort is neither", async () => {
    const meter = new UsageMeter();
    const script = ["one two", failure("timeout"), "three", failure("budget"), failure("timeout")];
    const model = new MeteredModel(new ScriptedModel(script), meter);
    for (const purpose of ["rubric", "judge", "judge", "judge", undefined])
      await model.complete(ask("a b c"), { ...(purpose && { purpose }) }).catch(() => undefined);
    const aborted = model.complete(ask("a"), { signal: AbortSignal.abort(new Error("enough")) });
    await expect(aborted).rejects.toThrow("enough");
    const { byPurpose, total } = meter.report();
    expect(byPurpose).toEqual({
      rubric: { answered: 1, fromCache: 0, failed: {}, usage: usage(1, 3, 2) },
      judge: { answered: 1, fromCache: 0, failed: { timeout: 1, budget: 1 }, usage: usage(1, 3, 1) },
      other: { answered: 0, fromCache: 0, failed: { timeout: 1 }, usage: usage(0, 0, 0) },
    });
    expect(total).toEqual({
      answered: 2,
      fromCache: 0,
      failed: { timeout: 2, budget: 1 },
      usage: usage(2, 6, 3),
    });
    expect(usageLine(meter.report())).toBe("2 answers, 3 failed (2 timeout, 1 budget); 6 + 3 tokens, $0.00");
  });

  it("prints large counts shortly, small costs with their digits, and unknown ones as such", () => {
    const line = (promptTokens: number, costUsd: number | null, fromCache = 0) => {
      const total = {
        answered: 10,
        fromCache,
        failed: {},
        usage: { ...usage(1, promptTokens, 40_000), costUsd },
      };
      return usageLine({ total, byPurpose: {} });
    };
    expect(line(1_234_567, 0.534)).toBe("10 answers; 1.23 M + 40 k tokens, $0.53");
    expect(line(9999, 0.00042, 4)).toBe("10 answers (4 from the cache); 9999 + 40 k tokens, $0.00042");
    expect(line(1, null)).toBe("10 answers; 1 + 40 k tokens, cost unknown");
  });
});

const usage = (calls: number, promptTokens: number, completionTokens: number) => ({
  calls,
  promptTokens,
  cachedPromptTokens: 0,
  completionTokens,
  costUsd: 0,
});
