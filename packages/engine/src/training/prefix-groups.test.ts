import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { prefixGroups } from "./prefix-groups.ts";

/** `length` equal tokens, then others. */
const sequence = (first: number, length: number, ...rest: number[]) => ({
  tokens: Int32Array.from([...Array<number>(length).fill(first), ...rest]),
});

describe("prefixGroups", () => {
  it("shares the prompt of neighbours and keeps others apart", () => {
    const sequences = [
      sequence(1, 9, 4, 5),
      sequence(1, 9, 3),
      sequence(8, 8),
      sequence(7, 12, 1),
      sequence(7, 12),
      sequence(7, 12),
    ];
    expect(prefixGroups(sequences)).toEqual([
      { prefix: 9, members: [0, 1] },
      { prefix: 0, members: [2] },
      { prefix: 11, members: [3, 4, 5] },
    ]);
  });

  it("does not let a short accidental prefix spoil a long one", () => {
    const sequences = [sequence(1, 8, 5), ...[3, 4, 5].map((own) => sequence(1, 24, own))];
    expect(prefixGroups(sequences)).toEqual([
      { prefix: 0, members: [0] },
      { prefix: 24, members: [1, 2, 3] },
    ]);
  });

  it("does not cut a group for a few tokens more", () => {
    const sequences = [sequence(1, 12, 5), sequence(1, 12, 6), ...[3, 4].map((own) => sequence(1, 20, own))];
    expect(prefixGroups(sequences)).toEqual([{ prefix: 12, members: [0, 1, 2, 3] }]);
  });

  it("ends a prefix where the head begins to look, unless that is too early", () => {
    const group = (headFrom: number) => [3, 4, 5].map((own) => ({ ...sequence(1, 12, own), headFrom }));
    expect(prefixGroups(group(11))).toEqual([{ prefix: 11, members: [0, 1, 2] }]);
    expect(prefixGroups(group(8))).toEqual([{ prefix: 8, members: [0, 1, 2] }]);
    expect(prefixGroups(group(7))).toEqual([{ prefix: 12, members: [0, 1, 2] }]);
    expect(prefixGroups(group(30))).toEqual([{ prefix: 12, members: [0, 1, 2] }]);
  });

  it("does not share what is short, or little of the whole", () => {
    expect(prefixGroups([sequence(1, 7, 2), sequence(1, 7, 3)])).toHaveLength(2);
    const long = Array.from({ length: 100 }, (_, i) => i);
    expect(prefixGroups([sequence(1, 10, 2, ...long), sequence(1, 10, 3, ...long)])).toHaveLength(2);
  });

  it("saves as many tokens as any cut can, each cut at its cost, and groups share what they say", () => {
    const lengths = fc.tuple(fc.integer({ min: 0, max: 14 }), fc.integer({ min: 0, max: 14 }));
    const sequences = fc.array(
      lengths.map(([zeros, ones]) => sequence(0, zeros, ...Array<number>(ones + 1).fill(1))),
      { maxLength: 7 },
    );
    fc.assert(
      fc.property(sequences, (sequences) => {
        const groups = prefixGroups(sequences);
        expect(groups.flatMap(({ members }) => members)).toEqual(sequences.map((_, i) => i));
        for (const { prefix, members } of groups) {
          const starts = members.map((member) => sequences[member]!.tokens.slice(0, prefix).join());
          expect(new Set(starts).size).toBe(1);
          for (const member of members) expect(sequences[member]!.tokens.length).toBeGreaterThan(prefix);
        }
        const saved = groups.reduce(
          (sum, { prefix, members }) => sum + (members.length - 1) * prefix - 16,
          0,
        );
        expect(saved).toBe(mostSaved(sequences.map(({ tokens }) => [...tokens])));
      }),
    );
  });
});

/** Tokens saved by the best of all cuts, by trying them; a run costs 16. */
function mostSaved(sequences: readonly (readonly number[])[]): number {
  if (sequences.length === 0) return 0;
  return Math.max(
    ...sequences.map((_, last) => {
      const run = sequences.slice(0, last + 1);
      let prefix = 0;
      while (run.every((tokens) => prefix < tokens.length - 1 && tokens[prefix] === run[0]![prefix]))
        prefix++;
      const saving = last * prefix;
      const total = run.reduce((sum, tokens) => sum + tokens.length, 0);
      const allowed = last === 0 || (prefix >= 8 && saving >= 0.1 * total);
      return (allowed ? saving - 16 : Number.NEGATIVE_INFINITY) + mostSaved(sequences.slice(last + 1));
    }),
  );
}
