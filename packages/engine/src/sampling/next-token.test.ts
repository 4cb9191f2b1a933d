import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeededStream } from "../random/seeded-stream.ts";
import { NextToken, type TokenChoice, type TokenDistributions } from "./next-token.ts";

/** Distributions as the graphs make them, computed here in float64. */
function distributionsOf(
  logits: readonly (readonly number[])[],
  temperatures: readonly number[],
  columns: boolean,
): TokenDistributions {
  const vocabularySize = logits[0]!.length;
  const rowStride = columns ? 1 : vocabularySize;
  const tokenStride = columns ? logits.length : 1;
  const weights = new Float32Array(logits.length * vocabularySize);
  // Blocks of an odd size, one where the vocabulary cannot be divided.
  const blockSize = [5, 3].find((size) => vocabularySize % size === 0) ?? vocabularySize;
  const blocks = vocabularySize / blockSize;
  const [blockRowStride, blockStride] = columns ? [1, logits.length] : [blocks, 1];
  const blockPeaks = new Float32Array(logits.length * blocks).fill(-Infinity);
  const blockMasses = new Float32Array(logits.length * blocks);
  const sums = (temperature: (row: number) => number) =>
    Float32Array.from(logits, (row, r) =>
      row.reduce((sum, logit) => sum + Math.exp((logit - Math.max(...row)) / temperature(r)), 0),
    );
  logits.forEach((row, r) => {
    row.forEach((logit, v) => {
      const factor = 1 / (temperatures[r]! || 1);
      const weight = Math.exp((logit - Math.max(...row)) * factor);
      weights[r * rowStride + v * tokenStride] = weight;
      const block = r * blockRowStride + Math.floor(v / blockSize) * blockStride;
      blockPeaks[block] = Math.max(blockPeaks[block]!, logit);
      blockMasses[block]! += weight;
    });
  });
  return {
    vocabularySize,
    weights,
    rowStride,
    tokenStride,
    blockSize,
    blockPeaks,
    blockMasses,
    blockRowStride,
    blockStride,
    masses: sums((row) => temperatures[row]! || 1),
    rawMasses: sums(() => 1),
  };
}

const softmax = (logits: readonly number[], temperature = 1) => {
  const weights = logits.map((logit) => Math.exp((logit - Math.max(...logits)) / temperature));
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
};

/** Top-k, then top-p on what is left, by the definition: tokens in falling order of probability. */
function filtered(logits: readonly number[], { temperature, topK, topP }: TokenChoice): number[] {
  const probabilities = softmax(logits, temperature);
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);
  const first = order.slice(0, topK === -1 ? undefined : topK);
  const mass = first.reduce((sum, token) => sum + probabilities[token]!, 0);
  const kept: number[] = [];
  let reached = 0;
  for (const token of first) {
    kept.push(token);
    reached += probabilities[token]!;
    if (topP < 1 && reached >= topP * mass) break;
  }
  const keptMass = kept.reduce((sum, token) => sum + probabilities[token]!, 0);
  return probabilities.map((p, token) => (kept.includes(token) ? p / keptMass : 0));
}

const logits = [2.1, -0.3, 1.7, 0.2, 1.69, -2, 0.9, 0.25, -1.1, 1.2];

describe("sampled frequencies", () => {
  const choices: TokenChoice[] = [
    { temperature: 1, topK: -1, topP: 1 },
    { temperature: 0.6, topK: -1, topP: 1 },
    { temperature: 1.8, topK: -1, topP: 1 },
    { temperature: 1, topK: 4, topP: 1 },
    { temperature: 1.3, topK: 1, topP: 1 },
    { temperature: 1, topK: -1, topP: 0.8 },
    { temperature: 0.7, topK: 6, topP: 0.9 },
    { temperature: 2, topK: 100, topP: 0.35 },
  ];
  test.each(choices)("$temperature, top-k $topK, top-p $topP", (choice) => {
    const probabilities = filtered(logits, choice);
    for (const columns of [false, true]) {
      const distributions = distributionsOf(
        [[0, 1], logits].map((row) => [...row, ...Array(10 - row.length).fill(-5)]),
        [1, choice.temperature],
        columns,
      );
      const nextToken = new NextToken(logits.length);
      const stream = new SeededStream(5, "frequencies", String(columns));
      const draws = 20_000;
      const counts = new Array<number>(logits.length).fill(0);
      for (let i = 0; i < draws; i++) {
        nextToken.choose(distributions, 1, choice, stream);
        counts[nextToken.token]!++;
      }
      let chiSquare = 0;
      probabilities.forEach((p, token) => {
        if (p === 0) expect(counts[token]).toBe(0);
        else chiSquare += (counts[token]! - draws * p) ** 2 / (draws * p);
      });
      // At most 9 degrees of freedom: 0.1 % lie above 27.9.
      expect(chiSquare).toBeLessThan(27.9);
    }
  });
});

test("logprobs are raw: at temperature 1 and before filters", () => {
  const probabilities = softmax(logits);
  const stream = new SeededStream(1);
  for (const temperature of [0, 0.3, 1, 2.5])
    for (const columns of [false, true]) {
      const distributions = distributionsOf([logits], [temperature], columns);
      const nextToken = new NextToken(logits.length);
      for (let i = 0; i < 20; i++) {
        nextToken.choose(distributions, 0, { temperature, topK: 5, topP: 0.9 }, stream);
        expect(nextToken.logprob).toBeCloseTo(Math.log(probabilities[nextToken.token]!), 5);
      }
    }
});

test("greedy takes the largest, the first of equals, and draws no number", () => {
  const stream = new SeededStream(1);
  const state = stream.state();
  const nextToken = new NextToken(10);
  const greedy = { temperature: 0, topK: -1, topP: 1 };
  nextToken.choose(distributionsOf([[0, 3, 1, 3, 2]], [0], false), 0, greedy, stream);
  expect(nextToken.token).toBe(1);
  nextToken.choose(distributionsOf([[0, 1, 1, 3, 2, 0, 3, 1, 3, 2]], [0], true), 0, greedy, stream);
  expect(nextToken.token).toBe(3);
  expect(stream.state()).toEqual(state);
});

test("extreme logits keep exact logprobs", () => {
  const nextToken = new NextToken(3);
  const distributions = distributionsOf([[-1e4, 300, 260]], [1], false);
  nextToken.choose(distributions, 0, { temperature: 1, topK: -1, topP: 1 }, new SeededStream(1));
  expect(nextToken.token).toBe(1);
  expect(nextToken.logprob).toBe(0);
});

test("kept tokens are those of the definition, ties by order", () => {
  const row = fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(
      row,
      fc.integer({ min: 1, max: 45 }),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      fc.nat(),
      (values, topK, topP, seed) => {
        // Halves are exact in float32, so that ties are ties.
        const halves = values.map((value) => value / 2);
        const choice = { temperature: 1, topK, topP };
        const probabilities = filtered(halves, choice);
        const distributions = distributionsOf([halves], [1], false);
        const nextToken = new NextToken(halves.length);
        const stream = new SeededStream(seed);
        for (let i = 0; i < 30; i++) {
          nextToken.choose(distributions, 0, choice, stream);
          expect(probabilities[nextToken.token]).toBeGreaterThan(0);
        }
      },
    ),
  );
});

test("logits that are not finite are refused", () => {
  const nextToken = new NextToken(2);
  const choice = { temperature: 0, topK: -1, topP: 1 };
  const distributions = distributionsOf([[Number.NaN, 1]], [0], false);
  expect(() => nextToken.choose(distributions, 0, choice, new SeededStream(1))).toThrow("not finite");
});
