import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MicroBatch, microBatches, plainMicroBatches, roundedUp } from "./micro-batches.ts";
import { type PrefixGroup, prefixGroups } from "./prefix-groups.ts";

const work = (tokens: number, pairs: number) => 300 * tokens + pairs;

const sequences = fc.array(
  fc
    .record({ group: fc.integer({ min: 0, max: 3 }), own: fc.integer({ min: 1, max: 300 }) })
    .map(({ group, own }) => ({
      tokens: Int32Array.from({ length: 20 * group + own }, (_, i) =>
        i < 20 * group ? group : 10 + own + i,
      ),
    })),
  { maxLength: 40 },
);

/** What must hold of every layout: each sequence whole and once, nothing on top of another, sizes as stated. */
function check(
  batches: readonly MicroBatch[],
  sequences: readonly { tokens: Int32Array }[],
  groups: readonly PrefixGroup[],
  tokenBudget: number,
): void {
  const prefixOf = new Map(
    groups.flatMap(({ prefix, members }) => members.map((member) => [member, prefix])),
  );
  const seen: number[] = [];
  for (const batch of batches) {
    expect(batch.layouts.length).toBeLessThanOrEqual(batch.groups);
    for (const { prefix, lanes } of batch.layouts) {
      expect(prefix).toBeLessThanOrEqual(batch.prefixTime);
      expect(prefix === 0).toBe(batch.prefixTime === 0);
      expect(lanes.length).toBeGreaterThan(0);
      expect(lanes.length).toBeLessThanOrEqual(batch.lanes);
      for (const lane of lanes) {
        let used = 0;
        for (const { sequence, start } of lane) {
          expect(start).toBe(used);
          used += sequences[sequence]!.tokens.length - prefix;
          seen.push(sequence);
          expect(prefixOf.get(sequence)).toBe(prefix);
        }
        expect(used).toBeLessThanOrEqual(batch.laneTime);
      }
    }
    const positions = batch.groups * (batch.prefixTime + batch.lanes * batch.laneTime);
    const single = batch.groups === 1 && batch.lanes === 1;
    if (!single) expect(positions).toBeLessThanOrEqual(tokenBudget);
  }
  expect(seen.sort((a, b) => a - b)).toEqual(sequences.map((_, i) => i));
}

describe("microBatches", () => {
  it("places every sequence once, under the budget", () => {
    fc.assert(
      fc.property(sequences, fc.integer({ min: 64, max: 3000 }), (sequences, tokenBudget) => {
        const groups = prefixGroups(sequences);
        check(microBatches(sequences, groups, { tokenBudget, work }), sequences, groups, tokenBudget);
      }),
    );
  });

  it("places every sequence once, one a lane, where nothing is shared", () => {
    fc.assert(
      fc.property(sequences, fc.integer({ min: 64, max: 3000 }), (sequences, tokenBudget) => {
        const batches = plainMicroBatches(sequences, tokenBudget);
        check(
          batches,
          sequences,
          sequences.map((_, i) => ({ prefix: 0, members: [i] })),
          tokenBudget,
        );
        for (const { layouts } of batches)
          expect(layouts[0]!.lanes.every((lane) => lane.length === 1)).toBe(true);
      }),
    );
  });

  it("fills batches up, so that other numbers of sequences need few other sizes", () => {
    const sizes = (count: number) => {
      const equal = Array.from({ length: count }, () => ({ tokens: new Int32Array(110) }));
      return plainMicroBatches(equal, 4096).map(({ lanes, laneTime }) => [lanes, laneTime]);
    };
    expect(sizes(64)).toEqual([
      [36, 112],
      [28, 112],
    ]);
    expect(sizes(98)).toEqual([
      [36, 112],
      [36, 112],
      [28, 112],
    ]);
  });

  it("gives groups of other lengths the sizes of those before", () => {
    const sizes = (seed: number) => {
      const sequences = Array.from({ length: 64 * 6 }, (_, i) => ({
        tokens: Int32Array.from({ length: 20 + ((i * seed) % 13) + 4 }, (_, at) =>
          at < 20 ? Math.floor(i / 6) : 1000 + i,
        ),
      }));
      return microBatches(sequences, prefixGroups(sequences), { tokenBudget: 1024, work }).map(
        ({ groups, prefixTime, lanes, laneTime }) => [groups, prefixTime, lanes, laneTime].join(" "),
      );
    };
    const seen = new Set([5, 7, 11, 17, 23].flatMap(sizes));
    expect(seen.size).toBeLessThan(10);
  });

  it("wastes little where lengths differ", () => {
    const mixed = Array.from({ length: 60 }, (_, i) => ({ tokens: new Int32Array(30 + ((i * 37) % 61)) }));
    const groups = mixed.map((_, i) => ({ prefix: 0, members: [i] }));
    const real = mixed.reduce((sum, { tokens }) => sum + tokens.length, 0);
    const padded = microBatches(mixed, groups, { tokenBudget: 2048, work })
      .map(({ lanes, laneTime }) => lanes * laneTime)
      .reduce((a, b) => a + b);
    expect(padded / real).toBeLessThan(1.15);
  });
});

describe("roundedUp", () => {
  it("adds less than one part in `steps`", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom(4, 8), (n, steps) => {
        const up = roundedUp(n, steps);
        expect(up).toBeGreaterThanOrEqual(n);
        expect(up - n).toBeLessThan(Math.max(1, n / steps));
      }),
    );
  });
});
