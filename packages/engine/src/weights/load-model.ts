import { ModelFileError } from "../errors.ts";
import type { ModelConfig } from "../model/model-config.ts";
import { baseParameters } from "../model/parameters.ts";
import { type ModelDescription, openModel } from "./open-model.ts";
import type { WeightFile } from "./weight-file.ts";

/** A model with all its weights in memory. */
export interface LoadedModel extends ModelDescription {
  /** All weights of `baseParameters(config)`, float32, by name. */
  readonly weights: Map<string, Float32Array>;
}

/**
 * Loads a model from a Hugging Face folder (`config.json`, safetensors, tokenizer files), a `.gguf` file or a llama2.c
 * `.bin` checkpoint with its tokenizer beside it. Throws `ModelFileError` that says what is missing or wrong.
 */
export function loadModel(path: string): LoadedModel {
  const model = openModel(path);
  try {
    return { ...model, weights: readWeights(model.weights, model.config) };
  } finally {
    model.weights.close();
  }
}

/** Reads every weight that the configuration asks for; others in the file are left alone. */
function readWeights(file: WeightFile, config: ModelConfig): Map<string, Float32Array> {
  // Before the weights of a billion layers are listed.
  if (config.layers > file.tensors.size)
    throw new ModelFileError(
      `${file.path}: has ${file.tensors.size} tensors, too few for the ${config.layers} layers of the configuration`,
    );
  const weights = new Map<string, Float32Array>();
  for (const { name, shape } of baseParameters(config)) {
    const stored = file.tensors.get(name);
    if (!stored)
      throw new ModelFileError(
        `${file.path}: tensor ${name} is missing; the file is incomplete or belongs to another configuration`,
      );
    if (stored.shape.join() !== shape.join())
      throw new ModelFileError(
        `${file.path}: tensor ${name} is [${stored.shape.join(", ")}], the configuration asks for [${shape.join(", ")}]; they do not belong together`,
      );
    const values = file.read(name);
    if (!allFinite(values)) {
      const odd = values.findIndex((value) => !Number.isFinite(value));
      throw new ModelFileError(
        `${file.path}: tensor ${name} holds ${values[odd]} at position ${odd}; the file is damaged, fetch it again`,
      );
    }
    weights.set(name, values);
  }
  return weights;
}

/** A plain loop, because a callback for each of 10⁸ values takes seconds. x·0 is NaN for infinities and NaN. */
function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * 0;
  return sum === 0;
}
