import { gradients } from "../graph/backward.ts";
import { input } from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { BatchShape } from "../model/batch-shape.ts";
import type { LoraConfig } from "../model/lora.ts";
import type { ModelConfig } from "../model/model-config.ts";
import { buildScalarModel } from "../model/scalar-head.ts";
import { gradientOutput, type StepGraphOptions } from "./step-graph.ts";

/** Name of the output that holds the scores, [selected, 1]. */
export const SCORES = "step.scores";

/** Scores of the selected positions. */
export function scoreGraph(
  config: ModelConfig,
  shape: BatchShape,
  lora?: LoraConfig,
): Record<string, Tensor> {
  return { [SCORES]: buildScalarModel(config, shape, lora).scores };
}

/** Scores, and the gradient of Σ weight · score for every trainable parameter; the weights are the input `weights`. */
export function scoreGradientGraph(
  config: ModelConfig,
  shape: BatchShape,
  { lora, recompute, trainable }: StepGraphOptions,
): Record<string, Tensor> {
  const { scores, weights } = buildScalarModel(config, shape, lora);
  const wanted = trainable.filter((name) => weights.has(name));
  const parameters = wanted.map((name) => weights.get(name)!);
  const seed = { tensor: scores, gradient: input("weights", scores.shape) };
  const found = gradients([seed], parameters, { recompute, alsoBefore: [scores] });
  return {
    [SCORES]: scores,
    ...Object.fromEntries(wanted.map((name, i) => [gradientOutput(name), found[i]!])),
  };
}
