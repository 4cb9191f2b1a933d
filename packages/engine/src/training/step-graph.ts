import { gradients } from "../graph/backward.ts";
import { filled, input, slice } from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";
import { targetLogprobs } from "../losses/target-logprobs.ts";
import type { TokenLoss, TokenValue } from "../losses/token-loss.ts";
import type { BatchShape } from "../model/batch-shape.ts";
import type { LoraConfig } from "../model/lora.ts";
import type { ModelConfig } from "../model/model-config.ts";
import { buildTransformer } from "../model/transformer.ts";
import { TARGETS } from "./head-rows.ts";

/** Names of what a step returns beside gradients, both [selected, 1]. */
export const STEP_OUTPUTS = { logprobs: "step.logprobs", losses: "step.losses" } as const;

/** Name of the output that holds dLoss/dparameter. */
export function gradientOutput(parameter: string): string {
  return `gradient of ${parameter}`;
}

export interface StepGraphOptions {
  readonly lora?: LoraConfig;
  /** Recompute each layer in the backward pass. */
  readonly recompute: boolean;
  /** Parameters whose gradients are wanted. */
  readonly trainable: readonly string[];
}

/** Logprobs of the targets. */
export function forwardGraph(
  config: ModelConfig,
  shape: BatchShape,
  lora?: LoraConfig,
): Record<string, Tensor> {
  const { head } = buildTransformer(config, shape, lora);
  const { logprobs } = targetLogprobs(head, input(TARGETS, [shape.selected], "int32"));
  return { [STEP_OUTPUTS.logprobs]: logprobs };
}

/** Logprobs and losses of the targets, and the gradient of the summed losses for every trainable parameter. */
export function forwardBackwardGraph(
  config: ModelConfig,
  shape: BatchShape,
  loss: TokenLoss,
  { lora, recompute, trainable }: StepGraphOptions,
): Record<string, Tensor> {
  const { head, weights } = buildTransformer(config, shape, lora);
  const wanted = trainable.filter((name) => weights.has(name));
  const parameters = wanted.map((name) => weights.get(name)!);
  const targets = input(TARGETS, [shape.selected], "int32");
  const values = loss.values.map((name) => [name, input(name, [shape.selected, 1])] as const);

  const { logprobs, losses, seeds } = targetLogprobs(head, targets, {
    trainable: (table) => parameters.includes(table),
    lossOf: (logprob, start, end) => {
      const ofRows = values.map(([name, tensor]) => [name, slice(tensor, 0, start, end)] as const);
      const perToken = loss.loss(logprob, Object.fromEntries(ofRows) as Record<TokenValue, Tensor>);
      const ones = { tensor: perToken, gradient: filled(1, perToken.shape) };
      return { loss: perToken, gradient: gradients([ones], [logprob])[0]! };
    },
  });
  const alsoBefore = [logprobs, losses!];
  const found = gradients(seeds, parameters, { recompute, alsoBefore });
  return {
    [STEP_OUTPUTS.logprobs]: logprobs,
    [STEP_OUTPUTS.losses]: losses!,
    ...Object.fromEntries(wanted.map((name, i) => [gradientOutput(name), found[i]!])),
  };
}
