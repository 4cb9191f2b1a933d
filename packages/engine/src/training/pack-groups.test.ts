import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BatchRow, rowPosition } from "./batch-row.ts";
import { packGroups } from "./pack-groups.ts";

const sequence = (...tokens: number[]) => ({ tokens: Int32Array.from(tokens) });
const linear = { minPrefix: 2, maxRow: 100, cost: (length: number) => length };
const shapes = (rows: readonly BatchRow[]) =>
  rows.map(({ prefix, members, length }) => [prefix, members.map((m) => m.sequence), length]);

/** The token that a row holds at each of its positions, written by all members; they must agree. */
function tokensOf(row: BatchRow, sequences: readonly { tokens: Int32Array }[]): (number | undefined)[] {
  const tokens: (number | undefined)[] = Array(row.length).fill(undefined);
  for (const member of row.members)
    sequences[member.sequence]!.tokens.forEach((token, position) => {
      const at = rowPosition(row, member, position);
      expect(tokens[at] ?? token).toBe(token);
      tokens[at] = token;
    });
  return tokens;
}

describe("packGroups", () => {
  it("shares the prompt of neighbours and keeps others apart", () => {
    const sequences = [
      sequence(1, 2, 3, 4, 5),
      sequence(1, 2, 3, 9),
      sequence(8, 8),
      sequence(7, 7, 7, 1),
      sequence(7, 7, 7),
    ];
    expect(shapes(packGroups(sequences, linear))).toEqual([
      [3, [0, 1], 6],
      [0, [2], 2],
      [3, [3, 4], 4],
    ]);
  });

  it("does not let a short accidental prefix spoil a long one", () => {
    const rows = packGroups(
      [sequence(1, 1, 5), sequence(1, 1, 2, 2, 2, 3), sequence(1, 1, 2, 2, 2, 4)],
      linear,
    );
    expect(shapes(rows)).toEqual([
      [0, [0], 3],
      [5, [1, 2], 7],
    ]);
  });

  it("keeps rows apart where attention over the joined row would cost more than the prefix saves", () => {
    const sequences = [sequence(1, 1, 5, 6, 7, 8, 9), sequence(1, 1, 2, 3, 4, 5, 6)];
    expect(packGroups(sequences, { ...linear, cost: (length) => length ** 2 })).toHaveLength(2);
    expect(packGroups(sequences, { ...linear, maxRow: 11 })).toHaveLength(2);
    expect(packGroups(sequences, linear)).toHaveLength(1);
  });

  it("finds the cheapest cut, holding every token of every sequence at its place", () => {
    const token = fc.integer({ min: 0, max: 1 });
    const sequences = fc.array(
      fc.array(token, { minLength: 1, maxLength: 8 }).map((t) => sequence(...t)),
      {
        maxLength: 7,
      },
    );
    fc.assert(
      fc.property(sequences, fc.integer({ min: 0, max: 3 }), (sequences, square) => {
        const cost = (length: number) => 4 * length + square * length ** 2;
        const limits = { minPrefix: 2, maxRow: 20, cost };
        const rows = packGroups(sequences, limits);
        expect(rows.flatMap((row) => row.members.map((m) => m.sequence))).toEqual(sequences.map((_, i) => i));
        for (const row of rows) expect(tokensOf(row, sequences)).not.toContain(undefined);
        const total = rows.reduce((sum, row) => sum + cost(row.length), 0);
        expect(total).toBe(cheapest(sequences, limits));
      }),
    );
  });
});

/** Cost of the best cut, by trying all of them. */
function cheapest(
  sequences: readonly { tokens: Int32Array }[],
  { minPrefix, maxRow, cost }: typeof linear,
): number {
  if (sequences.length === 0) return 0;
  return Math.min(
    ...sequences.map((_, last) => {
      const head = sequences.slice(0, last + 1).map(({ tokens }) => [...tokens]);
      let prefix = 0;
      while (head.every((t) => prefix < t.length && t[prefix] === head[0]![prefix])) prefix++;
      const total = head.reduce((sum, t) => sum + t.length, 0);
      const length = head.length === 1 ? total : total - (head.length - 1) * prefix;
      const allowed = head.length === 1 || (prefix >= minPrefix && length <= maxRow);
      return allowed
        ? cost(length) + cheapest(sequences.slice(last + 1), { minPrefix, maxRow, cost })
        : Number.POSITIVE_INFINITY;
    }),
  );
}
