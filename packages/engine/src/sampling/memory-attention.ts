import {
  add,
  concat,
  gatherRows,
  matmul,
  mul,
  reduceSum,
  reshape,
  slice,
  softmax,
  transpose,
} from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";
import { paddingMask } from "./positions.ts";

/**
 * Tokens that the newest token of each row attends to. Queries come as [batch, keyValueHeads, group, headDim]: the `group`
 * query heads that share a key head stand side by side.
 */
export interface Memory {
  /** Tokens, padding included. */
  readonly slots: number;
  /** [batch, keyValueHeads, group, slots], hidden where there is no token. */
  scores(query: Tensor): Tensor;
  /** Values weighted by probabilities [batch, keyValueHeads, group, slots]: as the queries. */
  read(probabilities: Tensor): Tensor;
}

/** Softmax attention over all memories at once. */
export function attendToMemories(query: Tensor, memories: readonly Memory[]): Tensor {
  const scores = memories.map((memory) => memory.scores(query));
  const probabilities = softmax(concat(scores, 3));
  let end = 0;
  return memories
    .map((memory) => {
      const start = end;
      end += memory.slots;
      return memory.read(slice(probabilities, 3, start, end));
    })
    .reduce((sum, part) => add(sum, part));
}

/** The token itself: key and value [batch, keyValueHeads, 1, headDim]. */
export function ownToken(key: Tensor, value: Tensor): Memory {
  return {
    slots: 1,
    scores: (query) => reduceSum(mul(query, key), 3),
    read: (probabilities) => mul(probabilities, value),
  };
}

/** Each row's own earlier tokens: key and value [batch, keyValueHeads, 1, slots, headDim], `lengths` int32 [batch]. */
export function rowMemory(key: Tensor, value: Tensor, lengths: Tensor): Memory {
  const slots = key.shape[3]!;
  const mask = paddingMask(lengths, slots);
  return {
    slots,
    scores: (query) => add(byHead(query, key, { transB: true }), mask),
    read: (probabilities) => byHead(probabilities, value),
  };
}

/**
 * The product of each query head [batch, keyValueHeads, group, n] with the cache of its key head. One row at a time: the
 * runtime then reads the cache in place, where it would copy it first for several.
 */
function byHead(x: Tensor, cache: Tensor, options: { transB?: boolean } = {}): Tensor {
  const [batch, keyValueHeads, group, width] = x.shape as [number, number, number, number];
  const product = matmul(reshape(x, [batch, keyValueHeads, group, 1, width]), cache, options);
  return reshape(product, [batch, keyValueHeads, group, product.shape[4]!]);
}

/** Which rows go on from which prompt: every prompt has `places` places, some of them empty. */
export interface PromptPlaces {
  readonly places: number;
  /** int32 [prompts · places]: the row in each place (any row where it is empty). */
  readonly rowOfPlace: Tensor;
  /** int32 [batch]: the place of each row. */
  readonly placeOfRow: Tensor;
  /** int32 [batch]: tokens of each row's prompt. */
  readonly lengths: Tensor;
}

/**
 * Prompts that several rows go on from: key and value [prompts, keyValueHeads, slots, headDim]. The rows of a prompt meet
 * it as one matrix, so it is read once for all of them.
 */
export function promptMemory(key: Tensor, value: Tensor, where: PromptPlaces): Memory {
  const [prompts, keyValueHeads, slots] = key.shape as [number, number, number];
  const { places } = where;
  const [batch] = where.placeOfRow.shape as [number];
  const mask = paddingMask(where.lengths, slots);
  const swapped = [0, 2, 1, 3, 4];
  /** [batch, heads, group, width] to [prompts, heads, places · group, width]. */
  const toPrompts = (x: Tensor) => {
    const [, , group, width] = x.shape as [number, number, number, number];
    const placed = gatherRows(reshape(x, [batch, keyValueHeads * group * width]), where.rowOfPlace);
    const split = reshape(placed, [prompts, places, keyValueHeads, group, width]);
    return reshape(transpose(split, swapped), [prompts, keyValueHeads, places * group, width]);
  };
  const toRows = (x: Tensor) => {
    const group = x.shape[2]! / places;
    const width = x.shape[3]!;
    const split = transpose(reshape(x, [prompts, keyValueHeads, places, group, width]), swapped);
    const placed = reshape(split, [prompts * places, keyValueHeads * group * width]);
    return reshape(gatherRows(placed, where.placeOfRow), [batch, keyValueHeads, group, width]);
  };
  return {
    slots,
    scores: (query) => add(toRows(matmul(toPrompts(query), key, { transB: true })), mask),
    read: (probabilities) => toRows(matmul(toPrompts(probabilities), value)),
  };
}
