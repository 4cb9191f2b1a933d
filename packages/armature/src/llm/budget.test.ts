import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Budget, costOf } from "./budget.ts";

const tokens = (count: number) => ({ tokens: count, usd: null });

describe("Budget", () => {
  it("prices tokens per million, those read from a cache apart", () => {
    const used = { promptTokens: 3000, cachedPromptTokens: 1000, completionTokens: 500 };
    // 2000 · 2 + 1000 · 0.5 + 500 · 10 = 9500 millionths
    expect(costOf(used, { input: 2, output: 10, cachedInput: 0.5 })).toBeCloseTo(0.0095, 12);
    expect(costOf(used, { input: 2, output: 10 })).toBeCloseTo(0.011, 12);
  });

  it("makes a request wait that fits once others have settled, and refuses one that cannot fit", async () => {
    const budget = new Budget({ tokens: 100 });
    const first = await budget.reserve(tokens(80), "judge");
    let waited = true;
    const second = budget.reserve(tokens(50), "judge").then((reservation) => {
      waited = false;
      return reservation;
    });
    await expect(Promise.race([second, Promise.resolve("not yet")])).resolves.toBe("not yet");
    budget.settle(first, tokens(30));
    await second;
    expect(waited).toBe(false);
    await expect(budget.reserve(tokens(80), "judge@host")).rejects.toMatchObject({
      kind: "budget",
      retryable: false,
      message:
        "judge@host: the budget is used up (30 of 100 tokens used, up to 80 needed); raise it and run the same command again",
    });
  });

  it("does not spend money where the price is unknown", async () => {
    await expect(new Budget({ usd: 1 }).reserve(tokens(1), "judge")).rejects.toMatchObject({
      kind: "budget",
    });
  });

  it("lets a request leave the queue, and those behind it pass", async () => {
    const budget = new Budget({ tokens: 100 });
    const first = await budget.reserve(tokens(60), "judge");
    const controller = new AbortController();
    const large = budget.reserve(tokens(100), "judge", controller.signal);
    const small = budget.reserve(tokens(40), "judge");
    controller.abort(new Error("gave up"));
    await expect(large).rejects.toThrow("gave up");
    budget.settle(await small, tokens(1));
    budget.settle(first, tokens(1));
    expect(budget.spent.tokens).toBe(2);
  });

  it("is never exceeded, and no request waits for ever", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 500 }),
        fc.array(
          fc.record({
            most: fc.integer({ min: 1, max: 100 }),
            share: fc.double({ min: 0, max: 1, noNaN: true }),
          }),
          {
            maxLength: 40,
          },
        ),
        async (limit, requests) => {
          const budget = new Budget({ tokens: limit, usd: limit / 1000 });
          let open = 0;
          let committed = 0;
          await Promise.all(
            requests.map(async ({ most, share }, i) => {
              const amount = { tokens: most, usd: most / 1000 };
              const reservation = await budget.reserve(amount, "judge").catch(() => null);
              if (reservation === null) return;
              open += most;
              expect(open + committed).toBeLessThanOrEqual(limit);
              for (let turn = 0; turn < i % 3; turn++) await Promise.resolve();
              open -= most;
              const took = Math.floor(most * share);
              committed += took;
              budget.settle(reservation, { tokens: took, usd: took / 1000 });
            }),
          );
          expect(budget.spent.tokens).toBe(committed);
          expect(committed).toBeLessThanOrEqual(limit);
        },
      ),
      { numRuns: 100 },
    );
  });
});
