import type { TokenIds } from "@armature/tinker";
import { batchBucket, lengthBucket } from "./bucket.ts";
import type { SampledModel } from "./decoder-network.ts";
import type { DecoderSessions, WeightSource } from "./decoder-sessions.ts";
import { names } from "./graph-names.ts";
import { scoreGraph, TOKENS_PER_HEAD } from "./prompt-graph.ts";

/** Tokens scored in one run, padding included, unless one sequence alone has more. */
const SCORE_TOKENS = 2048;

/** Logprob of each token given those before it, for each sequence; the first of each is NaN. */
export async function scoreSequences(
  sequences: readonly TokenIds[],
  model: SampledModel,
  sessions: DecoderSessions,
  weights: WeightSource,
): Promise<Float32Array[]> {
  const logprobs = sequences.map((tokens) => new Float32Array(tokens.length).fill(Number.NaN));
  // Sequences of about the same length side by side; those of one token have nothing to score.
  const order = [...sequences.keys()]
    .filter((index) => sequences[index]!.length > 1)
    .sort((a, b) => sequences[b]!.length - sequences[a]!.length);
  while (order.length > 0) {
    const length = lengthBucket(sequences[order[0]!]!.length - 1);
    let count = order.length;
    while (count > 1 && batchBucket(count) * length > SCORE_TOKENS) count--;
    const chosen = order.splice(0, count);
    const rows = batchBucket(count);
    const tokens = new Int32Array(rows * length);
    const targets = new Int32Array(rows * length);
    chosen.forEach((index, row) => {
      const sequence = Int32Array.from(sequences[index]!);
      tokens.set(sequence.subarray(0, -1), row * length);
      targets.set(sequence.subarray(1), row * length);
    });
    const source = {
      key: `score ${rows} ${length}`,
      build: () => scoreGraph(model, rows, length),
      tokens: rows * length,
      logitRows: Math.min(rows * length, TOKENS_PER_HEAD),
    };
    const graph = await sessions.prepare(source, weights);
    graph.bind({ [names.tokens]: tokens, [names.targets]: targets });
    const scored = (await graph.run())[names.logprobs]!;
    chosen.forEach((index, row) => {
      const start = row * length;
      logprobs[index]!.set(scored.subarray(start, start + sequences[index]!.length - 1), 1);
    });
  }
  return logprobs;
}
