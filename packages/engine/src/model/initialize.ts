import { SeededStream } from "../random/seeded-stream.ts";
import type { ModelConfig } from "./model-config.ts";
import { baseParameters, EMBEDDING, HEAD, type ParameterStore } from "./parameters.ts";

/** Standard deviations of a random start. */
export interface InitialScale {
  /** Of the embedding and an untied head, default 0.05. */
  readonly embedding?: number;
  /** Of every projection is this times 1/√in, default 1. */
  readonly projection?: number;
}

/**
 * Random weights for training from scratch: norms one, matrices normal with standard deviation 1/√in, those that write to
 * the residual stream (o, down) smaller by √(2·layers) so that depth does not swell it (GPT-2). Each weight has its own
 * random stream.
 */
export function initializeParameters(
  store: ParameterStore,
  config: ModelConfig,
  seed: number,
  scale: InitialScale = {},
): void {
  const { embedding = 0.05, projection = 1 } = scale;
  for (const { name, shape } of baseParameters(config)) {
    const { values } = store.get(name);
    if (shape.length === 1) {
      values.fill(1);
      continue;
    }
    const intoResidual = /\.(o_proj|down_proj)\.weight$/.test(name) ? Math.sqrt(2 * config.layers) : 1;
    const deviation =
      name === EMBEDDING || name === HEAD ? embedding : projection / Math.sqrt(shape[1]!) / intoResidual;
    const stream = new SeededStream(seed, "init", name);
    for (let i = 0; i < values.length; i++) values[i] = deviation * stream.normal();
  }
}
