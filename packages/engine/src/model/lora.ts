import { SeededStream } from "../random/seeded-stream.ts";
import type { ModelConfig } from "./model-config.ts";
import {
  ATTENTION_PROJECTIONS,
  HEAD,
  MLP_PROJECTIONS,
  type ParameterSpec,
  type ParameterStore,
  projectionName,
  projectionShape,
} from "./parameters.ts";

/** Low-rank adapters W + (alpha / rank) · B·A on frozen weights (Hu et al. 2021, arXiv 2106.09685). */
export interface LoraConfig {
  readonly rank: number;
  /** The adapter's product is scaled by alpha / rank. */
  readonly alpha: number;
  /** Adapt q, k, v and o of every layer. */
  readonly attention: boolean;
  /** Adapt gate, up and down of every layer. */
  readonly mlp: boolean;
  /** Adapt the output head. The embedding stays as it is, also where the head is tied to it. */
  readonly head: boolean;
  /** Seed of the A matrices. */
  readonly seed: number;
}

/** Factor of the adapter's product. */
export function loraScale({ alpha, rank }: LoraConfig): number {
  return alpha / rank;
}

/** Name of an adapter matrix of a base weight, as PEFT writes it. */
export function loraName(weight: string, matrix: "A" | "B"): string {
  return `base_model.model.${weight.replace(/\.weight$/, "")}.lora_${matrix}.weight`;
}

/** Base weights that get an adapter, in the order of the checkpoint. */
export function loraTargets(config: ModelConfig, lora: LoraConfig): ParameterSpec[] {
  const projections = [
    ...(lora.attention ? ATTENTION_PROJECTIONS : []),
    ...(lora.mlp ? MLP_PROJECTIONS : []),
  ];
  const layers = Array.from({ length: config.layers }, (_, layer) =>
    projections.map((projection) => ({
      name: projectionName(layer, projection),
      shape: projectionShape(config, projection),
    })),
  );
  const head = { name: HEAD, shape: [config.vocabularySize, config.hiddenSize] };
  return [...layers.flat(), ...(lora.head ? [head] : [])];
}

/** The adapter's own parameters: for each target A [rank, in], then B [out, rank]. */
export function loraParameters(config: ModelConfig, lora: LoraConfig): ParameterSpec[] {
  return loraTargets(config, lora).flatMap(({ name, shape: [out, inputs] }) => [
    { name: loraName(name, "A"), shape: [lora.rank, inputs!] },
    { name: loraName(name, "B"), shape: [out!, lora.rank] },
  ]);
}

/**
 * Starts adapters at the base model: B zero, A uniform in ±1/√in (PEFT's Kaiming-uniform with a = √5). Each matrix has its
 * own random stream, so its start does not depend on which other layers are adapted.
 */
export function initializeLora(store: ParameterStore, config: ModelConfig, lora: LoraConfig): void {
  for (const { name, shape } of loraTargets(config, lora)) {
    const bound = 1 / Math.sqrt(shape[1]!);
    const a = loraName(name, "A");
    const stream = new SeededStream(lora.seed, "lora", a);
    store.get(a).values.forEach((_, i, values) => {
      values[i] = (2 * stream.next() - 1) * bound;
    });
    store.get(loraName(name, "B")).values.fill(0);
  }
}
