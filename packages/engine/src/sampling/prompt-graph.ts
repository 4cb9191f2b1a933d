import {
  add,
  concat,
  constant,
  gatherRows,
  log,
  pickColumn,
  reduceMax,
  slice,
  softmax,
  sub,
} from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";
import { type ActivationLayout, type Activations, asRows, inLayout, rowsOf } from "./activations.ts";
import { causalAttention, lastQueries } from "./causal-attention.ts";
import { DecoderNetwork, type SampledModel } from "./decoder-network.ts";
import { names } from "./graph-names.ts";
import { nextTokenOutputs } from "./next-token-graph.ts";

export interface PrefillShape {
  readonly prompts: number;
  /** Tokens of each prompt with its padding. */
  readonly length: number;
  readonly layout: ActivationLayout;
  readonly tempered: boolean;
  /** True where keys and values are wanted for decoding. */
  readonly cached: boolean;
}

/**
 * Whole prompts: reads `tokens` int32 [prompts · length], padded at the end, and the `lengths` int32 [prompts]. Returns the
 * distributions of the tokens after them and the keys and values [prompts, keyValueHeads, length, headDim] of each layer.
 */
export function prefillGraph(model: SampledModel, shape: PrefillShape): Record<string, Tensor> {
  const { prompts, length } = shape;
  const network = new DecoderNetwork(model, shape.layout);
  const lengths = network.input(names.lengths, [prompts], "int32");
  const attend = causalAttention(network, prompts, length);
  // After keys and values of the last layer, only the last token of each prompt goes on.
  const lastLayer = model.config.layers - 1;
  const queries = lastQueries(network, lengths, length);
  const before = Array.from({ length: prompts }, (_, prompt) => prompt * length - 1);
  const lastTokens = add(constant(before, [prompts], "int32"), lengths);
  const pickLast = (all: Activations) => inLayout(shape.layout, asRows(gatherRows(rowsOf(all), lastTokens)));
  const outputs: Record<string, Tensor> = {};
  let x = network.embed(network.input(names.tokens, [prompts * length], "int32"));
  for (let layer = 0; layer <= lastLayer; layer++) {
    const isLast = layer === lastLayer;
    x = network.layer(
      layer,
      x,
      (projections) => {
        const { context, key, value } = attend(projections, isLast ? queries : undefined);
        if (shape.cached) {
          outputs[names.newKey(layer)] = key;
          outputs[names.newValue(layer)] = value;
        }
        return context;
      },
      isLast ? pickLast : undefined,
    );
  }
  return { ...outputs, ...nextTokenOutputs(network, x, shape.tempered) };
}

/** Tokens whose logits are in memory at a time while sequences are scored. */
export const TOKENS_PER_HEAD = 128;

/**
 * Logprobs of given tokens: reads `tokens` and `targets` int32 [sequences · length] and returns the logprob of each target
 * as the token after those up to its place, [sequences · length, 1].
 */
export function scoreGraph(model: SampledModel, sequences: number, length: number): Record<string, Tensor> {
  const network = new DecoderNetwork(model, "rows");
  const count = sequences * length;
  const attend = causalAttention(network, sequences, length);
  let x = network.embed(network.input(names.tokens, [count], "int32"));
  for (let layer = 0; layer < model.config.layers; layer++)
    x = network.layer(layer, x, (projections) => attend(projections).context);
  const hidden = rowsOf(network.finalNorm(x));
  const targets = network.input(names.targets, [count], "int32");
  const pieces: Tensor[] = [];
  for (let start = 0; start < count; start += TOKENS_PER_HEAD) {
    const end = Math.min(start + TOKENS_PER_HEAD, count);
    const logits = rowsOf(network.logits(asRows(slice(hidden, 0, start, end))));
    const chosen = pickColumn(logits, slice(targets, 0, start, end));
    // ln Σ exp(logit) = largest logit − ln(largest probability): two maxima, which are cheap.
    const normalizer = sub(reduceMax(logits, 1), log(reduceMax(softmax(logits), 1)));
    pieces.push(sub(chosen, normalizer));
  }
  return { [names.logprobs]: concat(pieces, 0) };
}
