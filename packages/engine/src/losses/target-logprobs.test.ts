import { describe, expect, it } from "vitest";
import { goldenNumbers } from "../../test/golden/golden-weights.ts";
import { relativeError } from "../../test/golden/read-golden.ts";
import { gradients } from "../graph/backward.ts";
import { add, input, log, matmul, mul, pickColumn, softmax } from "../graph/build.ts";
import { evaluate } from "../graph/evaluate.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { HeadTerm } from "../model/transformer.ts";
import { targetLogprobs } from "./target-logprobs.ts";

const rows = 7;
const vocabulary = 11;
const wide: HeadTerm = { features: input("h", [rows, 5]), table: input("E", [vocabulary, 5]) };
const narrow: HeadTerm = { features: input("t", [rows, 2]), table: input("B", [vocabulary, 2]) };
const targets = input("targets", [rows], "int32");
const weights = input("weights", [rows, 1]);
const feeds = {
  h: goldenNumbers(rows * 5, 1),
  E: goldenNumbers(vocabulary * 5, 2),
  t: goldenNumbers(rows * 2, 3),
  B: goldenNumbers(vocabulary * 2, 4),
  targets: [0, 3, 10, 3, 5, 0, 3],
  weights: goldenNumbers(rows, 5),
};

/** Gradients of Σ weight · logprob that start from the head's own seeds. */
function ours(head: readonly HeadTerm[], logitsPerChunk: number): Tensor[] {
  let chunk = 0;
  const { logprobs, seeds } = targetLogprobs(head, targets, {
    trainable: () => true,
    logitsPerChunk,
    lossOf: (logprob, start, end) => {
      const gradient = input(`weights ${chunk++}`, [end - start, 1]);
      return { loss: mul(gradient, logprob), gradient };
    },
  });
  return [logprobs, ...gradients(seeds, unknowns(head))];
}

/** The same by plain log-softmax and the general gradient rules. */
function plain(head: readonly HeadTerm[]): Tensor[] {
  const logits = head
    .map(({ features, table }) => matmul(features, table, { transB: true }))
    .reduce((sum, part) => add(sum, part));
  const logprobs = log(pickColumn(softmax(logits), targets));
  return [logprobs, ...gradients([{ tensor: logprobs, gradient: weights }], unknowns(head))];
}

const unknowns = (head: readonly HeadTerm[]) => head.flatMap(({ features, table }) => [features, table]);

describe("targetLogprobs", () => {
  it.each([
    ["one table, one chunk", [wide], 1000],
    ["one table, chunks of two rows", [wide], 2 * vocabulary],
    ["head with adapter, one chunk", [wide, narrow], 1000],
    ["head with adapter, a chunk for each row", [wide, narrow], 1],
  ])("gives the logprobs and gradients of log-softmax: %s", (_, head, logitsPerChunk) => {
    const chunks = Math.min(rows, Math.ceil((rows * vocabulary) / logitsPerChunk));
    const size = Math.ceil(rows / chunks);
    const parts = Array.from({ length: chunks }, (_, c) => [
      `weights ${c}`,
      feeds.weights.slice(c * size, (c + 1) * size),
    ]);
    const found = evaluate(ours(head, logitsPerChunk), { ...feeds, ...Object.fromEntries(parts) });
    const expected = evaluate(plain(head), feeds);
    found.forEach((values, i) => {
      expect(relativeError(values, expected[i]!)).toBeLessThan(1e-12);
    });
  });
});
