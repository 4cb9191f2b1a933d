import { TinkerError } from "../errors.ts";
import type { ForwardBackwardResult } from "../training-model.ts";
import type { ForwardBackwardOutput } from "../wire/index.ts";

/** One request's result and the number of datums that it was of. */
export interface ChunkResult {
  readonly output: ForwardBackwardOutput;
  readonly datums: number;
}

type Reduction = (values: readonly number[], weights: readonly number[]) => number;

const sum: Reduction = (values) => values.reduce((total, value) => total + value, 0);
const largest: Reduction = (values) => values.reduce((a, b) => Math.max(a, b));
const mean: Reduction = (values, weights) =>
  sum(
    values.map((value, i) => value * weights[i]!),
    [],
  ) / sum(weights, []);

/** How a metric of several requests becomes one, by the part of its name after the colon. */
const REDUCTIONS: Readonly<Record<string, Reduction>> = {
  sum,
  min: (values) => values.reduce((a, b) => Math.min(a, b)),
  max: largest,
  mean,
  slack: (values, weights) => largest(values, weights) - mean(values, weights),
  // The order of the parts does not matter: a sum modulo 2⁵³, where the official client takes 2⁶⁴.
  hash_unordered: (values) => values.reduce((total, value) => (total + value) % 2 ** 53, 0),
};

/**
 * Results of the requests of one call as one result: logprobs one after another, metrics by the suffix of their names (mean
 * and slack weighted by datums). `unique` keeps all values under numbered names; a metric that a request lacks or whose
 * suffix is unknown is left out of several requests.
 */
export function mergeResults(chunks: readonly ChunkResult[]): ForwardBackwardResult {
  for (const { output, datums } of chunks)
    if (output.loss_fn_outputs.length !== datums)
      throw new TinkerError(
        "protocol",
        `the server returns ${output.loss_fn_outputs.length} results for ${datums} datums`,
      );
  return {
    logprobs: chunks.flatMap(({ output }) => output.loss_fn_outputs.map(logprobsOf)),
    metrics: mergeMetrics(chunks),
  };
}

function logprobsOf(fields: ForwardBackwardOutput["loss_fn_outputs"][number], index: number): Float32Array {
  const tensor = fields["logprobs"];
  if (!tensor) throw new TinkerError("protocol", `the server returns no logprobs for datum ${index}`);
  return tensor.data instanceof Float32Array ? tensor.data : Float32Array.from(tensor.data);
}

function mergeMetrics(chunks: readonly ChunkResult[]): Readonly<Record<string, number>> {
  const [first, ...others] = chunks.map(({ output }) => output.metrics);
  if (!first || others.length === 0) return first ?? {};
  const weights = chunks.map(({ datums }) => datums);
  const merged: Record<string, number> = {};
  for (const name of Object.keys(first)) {
    if (others.some((metrics) => metrics[name] === undefined)) continue;
    const values = [first, ...others].map((metrics) => metrics[name]!);
    const suffix = name.slice(name.lastIndexOf(":") + 1);
    if (name.includes(":") && suffix === "unique")
      values.forEach((value, i) => {
        merged[i === 0 ? name : `${name}_${i}`] = value;
      });
    const reduce = name.includes(":") && Object.hasOwn(REDUCTIONS, suffix) ? REDUCTIONS[suffix] : undefined;
    if (reduce) merged[name] = reduce(values, weights);
  }
  return merged;
}
