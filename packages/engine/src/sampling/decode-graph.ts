import { add, mul, reshape } from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { ActivationLayout } from "./activations.ts";
import { DecoderNetwork, type SampledModel } from "./decoder-network.ts";
import { names } from "./graph-names.ts";
import { attendToMemories, type Memory, ownToken, promptMemory, rowMemory } from "./memory-attention.ts";
import { nextTokenOutputs } from "./next-token-graph.ts";
import { rotation } from "./positions.ts";

/** Prompts that rows share. */
export interface SharedPromptsShape {
  readonly prompts: number;
  /** Rows that one prompt may have. */
  readonly places: number;
  /** Room for tokens of each prompt. */
  readonly slots: number;
}

export interface DecodeShape {
  readonly batch: number;
  /** Room for tokens in the cache of each row. */
  readonly slots: number;
  readonly layout: ActivationLayout;
  /** True where rows have temperatures: `inverseTemperatures` float32 [batch] is then read. */
  readonly tempered: boolean;
  /** Where prompts are shared, the rows' own cache holds only what comes after them. */
  readonly shared?: SharedPromptsShape | undefined;
}

/**
 * One decoding step: reads the cache, `lengths` int32 [batch] (tokens in each row of it) and the next `tokens` int32
 * [batch]. Returns the distributions of the tokens after them and, of the cache, only the new keys and values
 * [batch, keyValueHeads, 1, headDim] of each layer.
 */
export function decodeGraph(model: SampledModel, shape: DecodeShape): Record<string, Tensor> {
  const { batch, slots, shared } = shape;
  const { layers, heads, keyValueHeads, headDim } = model.config;
  const network = new DecoderNetwork(model, shape.layout);
  const lengths = network.input(names.lengths, [batch], "int32");
  const promptOf = shared && sharedPrompts(network, batch, shared);
  const positions = promptOf ? add(lengths, promptOf.lengths) : lengths;
  const rotate = rotation(network, reshape(positions, [batch, 1]), slots + (shared?.slots ?? 0));
  const rowShape = [batch, keyValueHeads, 1, slots, headDim];
  const tokenShape = [batch, keyValueHeads, 1, headDim];
  const outputs: Record<string, Tensor> = {};

  let x = network.embed(network.input(names.tokens, [batch], "int32"));
  for (let layer = 0; layer < layers; layer++)
    x = network.layer(layer, x, (projections) => {
      // Scaled by a product of its own: with a factor in it, a matmul does not get the runtime's kernel for single rows.
      const scaled = mul(rotate(projections.query), headDim ** -0.5);
      const query = reshape(scaled, [batch, keyValueHeads, heads / keyValueHeads, headDim]);
      const key = reshape(rotate(projections.key), tokenShape);
      const value = reshape(projections.value, tokenShape);
      outputs[names.newKey(layer)] = key;
      outputs[names.newValue(layer)] = value;
      const cachedKey = network.input(names.rowKey(layer), rowShape);
      const cachedValue = network.input(names.rowValue(layer), rowShape);
      const context = attendToMemories(query, [
        ...(promptOf ? [promptOf.memory(layer)] : []),
        rowMemory(cachedKey, cachedValue, lengths),
        ownToken(key, value),
      ]);
      return reshape(context, [batch, heads * headDim]);
    });
  return { ...outputs, ...nextTokenOutputs(network, x, shape.tempered) };
}

function sharedPrompts(
  network: DecoderNetwork,
  batch: number,
  { prompts, places, slots }: SharedPromptsShape,
): { lengths: Tensor; memory: (layer: number) => Memory } {
  const { keyValueHeads, headDim } = network.config;
  const lengths = network.input(names.promptLengths, [batch], "int32");
  const where = {
    places,
    rowOfPlace: network.input(names.rowOfPlace, [prompts * places], "int32"),
    placeOfRow: network.input(names.placeOfRow, [batch], "int32"),
    lengths,
  };
  const shape = [prompts, keyValueHeads, slots, headDim];
  return {
    lengths,
    memory: (layer) =>
      promptMemory(
        network.input(names.promptKey(layer), shape),
        network.input(names.promptValue(layer), shape),
        where,
      ),
  };
}
