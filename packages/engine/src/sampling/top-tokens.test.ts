import fc from "fast-check";
import { expect, it } from "vitest";
import type { TokenDistributions } from "./next-token.ts";
import { topTokens } from "./top-tokens.ts";

/** Distributions of logits in the two orders in which graphs return them. */
function distributions(rows: readonly (readonly number[])[], temperature: number, columns: boolean) {
  const size = rows[0]!.length;
  const weights = new Float32Array(rows.length * size);
  const [rowStride, tokenStride] = columns ? [1, rows.length] : [size, 1];
  const mass = (scale: number) =>
    Float32Array.from(rows, (row) => {
      const peak = Math.max(...row);
      return row.reduce((sum, logit) => sum + Math.exp((logit - peak) / scale), 0);
    });
  for (const [r, row] of rows.entries())
    for (const [token, logit] of row.entries())
      weights[r * rowStride + token * tokenStride] = Math.exp((logit - Math.max(...row)) / temperature);
  const shape = { vocabularySize: size, weights, rowStride, tokenStride };
  return { ...shape, masses: mass(temperature), rawMasses: mass(1) } as TokenDistributions;
}

it("gives the likeliest tokens with their logprobs at temperature 1, in either order of the weights", () => {
  const logits = fc.array(fc.double({ min: -6, max: 6, noNaN: true }), { minLength: 5, maxLength: 9 });
  fc.assert(
    fc.property(
      logits,
      fc.constantFrom(0.5, 1, 2),
      fc.integer({ min: 1, max: 6 }),
      fc.boolean(),
      (row, t, count, columns) => {
        // The second row is the first one reversed, so that a mix-up of rows shows.
        const found = topTokens(distributions([[...row].reverse(), row], t, columns), 1, count, t);
        const logMass = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
        const expected = row
          .map((logit) => logit - logMass)
          .sort((a, b) => b - a)
          .slice(0, count);
        expect(found).toHaveLength(expected.length);
        for (const [i, { logprob, token }] of found.entries()) {
          expect(logprob).toBeCloseTo(expected[i]!, 4);
          expect(row[token]! - logMass).toBeCloseTo(logprob, 4);
        }
        expect(new Set(found.map(({ token }) => token)).size).toBe(found.length);
      },
    ),
  );
});
