import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PreferencePair } from "./prompt.ts";
import { splitHeldOut, splitIntoRounds } from "./split.ts";

const pairs: PreferencePair[] = Array.from({ length: 2000 }, (_, i) => ({
  id: `pair ${i}`,
  prompt: { id: `prompt ${i % 400}`, messages: [{ role: "user", content: `${i % 400}` }] },
  chosen: `${i}`,
  rejected: "",
}));

describe("splitIntoRounds", () => {
  it("gives disjoint parts of nearly equal size that hold everything", () => {
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: 1, max: 9 }), fc.integer(), (count, rounds, seed) => {
        fc.pre(count >= rounds);
        const parts = splitIntoRounds(pairs.slice(0, count), rounds, seed);
        expect(parts.length).toBe(rounds);
        const sizes = parts.map((part) => part.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(new Set(parts.flat())).toEqual(new Set(pairs.slice(0, count)));
        expect(parts.flat().length).toBe(count);
      }),
    );
  });

  it("is repeated by its seed and changed by another", () => {
    expect(splitIntoRounds(pairs, 3, 1)).toEqual(splitIntoRounds(pairs, 3, 1));
    expect(splitIntoRounds(pairs, 3, 1)).not.toEqual(splitIntoRounds(pairs, 3, 2));
  });

  it("refuses what cannot be split", () => {
    expect(() => splitIntoRounds(pairs.slice(0, 2), 3, 0)).toThrow(
      /^2 pairs cannot be split into 3 rounds; /,
    );
    expect(() => splitIntoRounds(pairs, 0, 0)).toThrow(/^rounds is 0; /);
  });
});

describe("splitHeldOut", () => {
  const ids = (part: readonly PreferencePair[]) => new Set(part.map((pair) => pair.id));

  it("holds out about the share", () => {
    for (const share of [0, 0.1, 0.5, 1]) {
      const { train, heldOut } = splitHeldOut(pairs, { share });
      expect(train.length + heldOut.length).toBe(pairs.length);
      // Five standard deviations of a binomial.
      expect(Math.abs(heldOut.length - share * 2000)).toBeLessThanOrEqual(
        5 * Math.sqrt(2000 * share * (1 - share)),
      );
    }
  });

  it("moves no pair when others come, go or change places", () => {
    const whole = ids(splitHeldOut(pairs, { share: 0.2 }).heldOut);
    fc.assert(
      fc.property(fc.shuffledSubarray(pairs.slice(0, 60)), (some) => {
        const expected = some.filter((pair) => whole.has(pair.id));
        expect(splitHeldOut(some, { share: 0.2 }).heldOut).toEqual(expected);
      }),
    );
  });

  it("holds out a superset for a larger share", () => {
    const large = ids(splitHeldOut(pairs, { share: 0.3 }).heldOut);
    expect(splitHeldOut(pairs, { share: 0.2 }).heldOut.every((pair) => large.has(pair.id))).toBe(true);
  });

  it("keeps pairs of one prompt together when asked, and salts apart", () => {
    const { train, heldOut } = splitHeldOut(pairs, { share: 0.3, by: "prompt" });
    const promptIds = new Set(train.map((pair) => pair.prompt.id));
    expect(heldOut.some((pair) => promptIds.has(pair.prompt.id))).toBe(false);
    expect(heldOut.length).toBeGreaterThan(0);
    const salted = splitHeldOut(pairs, { share: 0.3, by: "prompt", salt: "other" });
    expect(ids(salted.heldOut)).not.toEqual(ids(heldOut));
  });

  it("keeps its sides over releases", () => {
    // Computed with Python's hashlib.
    const heldOut = splitHeldOut(pairs.slice(0, 12), { share: 0.25 }).heldOut.map((pair) => pair.id);
    expect(heldOut).toEqual(["pair 2", "pair 4", "pair 7", "pair 11"]);
  });

  it("refuses a share outside 0 to 1", () => {
    expect(() => splitHeldOut(pairs, { share: 1.5 })).toThrow(/^held-out share is 1.5; /);
    expect(() => splitHeldOut(pairs, { share: Number.NaN })).toThrow(/^held-out share is NaN; /);
  });
});
