import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { ModelFileError } from "../errors.ts";
import { type ModelConfig, readModelConfig } from "../model/model-config.ts";
import { baseParameters } from "../model/parameters.ts";
import { chatTemplateOf } from "../tokenizer/chat-template.ts";
import { ggufTokenizer } from "../tokenizer/gguf-tokenizer.ts";
import { createTokenizer } from "../tokenizer/json-tokenizer.ts";
import { readLlama2cTokenizer } from "../tokenizer/llama2c-tokenizer.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { openGguf } from "./gguf.ts";
import { ggufConfigJson, ggufWeights } from "./gguf-model.ts";
import { type JsonObject, readJsonFile } from "./json-file.ts";
import { openLlama2c } from "./llama2c.ts";
import { openSafetensors, openShardedSafetensors } from "./safetensors.ts";
import type { WeightFile } from "./weight-file.ts";

/** Everything that comes with a model but its weights. */
export interface ModelDescription {
  readonly config: ModelConfig;
  /** The same as Hugging Face's `config.json`, to be saved beside a trained model. */
  readonly configJson: JsonObject;
  readonly tokenizer: Tokenizer;
  /** Jinja template of conversations; absent for models that only continue text. */
  readonly chatTemplate?: string;
  readonly source: { readonly kind: "folder" | "gguf" | "llama2c"; readonly path: string };
}

export interface LoadedModel extends ModelDescription {
  /** All weights of `baseParameters(config)`, float32, by name. */
  readonly weights: Map<string, Float32Array>;
}

/** A model whose weights are still in the file. Close `weights` after use. */
export interface OpenModel extends ModelDescription {
  readonly weights: WeightFile;
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

/** The same without reading the weights; cheap also for large models. */
export function openModel(path: string): OpenModel {
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status)
    throw new ModelFileError(
      `${path}: no such model; give a Hugging Face folder, a .gguf file or a llama2.c .bin`,
    );
  if (status.isDirectory()) return openFolder(path);
  if (path.endsWith(".gguf")) return openGgufModel(path);
  if (path.endsWith(".bin")) return openLlama2cModel(path);
  throw new ModelFileError(
    `${path}: not a model that can be read; give a Hugging Face folder, a .gguf file or a llama2.c .bin`,
  );
}

/** Reads every weight that the configuration asks for; others in the file are left alone. */
function readWeights(file: WeightFile, config: ModelConfig): Map<string, Float32Array> {
  const weights = new Map<string, Float32Array>();
  for (const { name, shape } of baseParameters(config)) {
    const stored = file.tensors.get(name);
    if (!stored)
      throw new ModelFileError(
        `${file.path}: tensor ${name} is missing; the file is incomplete or another model's`,
      );
    if (stored.shape.join() !== shape.join())
      throw new ModelFileError(
        `${file.path}: tensor ${name} is [${stored.shape.join(", ")}], the configuration asks for [${shape.join(", ")}]`,
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

function openFolder(folder: string): OpenModel {
  const configPath = requireFile(folder, "config.json");
  const configJson = readJsonFile(configPath);
  const config = readModelConfig(configJson, configPath);
  const tokenizerPath = requireFile(folder, "tokenizer.json");
  const tokenizerConfig = readOptionalJson(join(folder, "tokenizer_config.json"));
  const generationConfig = readOptionalJson(join(folder, "generation_config.json"));
  const tokenizer = createTokenizer(
    { tokenizerJson: readJsonFile(tokenizerPath), tokenizerConfig },
    tokenizerPath,
    [...config.eosTokenIds, ...[generationConfig["eos_token_id"] ?? []].flat()].filter(
      Number.isInteger,
    ) as number[],
  );
  const templatePath = join(folder, "chat_template.jinja");
  const chatTemplate = existsSync(templatePath)
    ? readFileSync(templatePath, "utf8")
    : chatTemplateOf(tokenizerConfig);
  return describe(
    { kind: "folder", path: folder },
    configJson,
    config,
    tokenizer,
    chatTemplate,
    openWeights(folder),
  );
}

function openWeights(folder: string): WeightFile {
  const single = join(folder, "model.safetensors");
  const index = join(folder, "model.safetensors.index.json");
  if (existsSync(single)) return openSafetensors(single);
  if (existsSync(index)) return openShardedSafetensors(index);
  throw new ModelFileError(
    `${folder}: has neither model.safetensors nor model.safetensors.index.json${
      existsSync(join(folder, "pytorch_model.bin")) ? "; convert its pytorch_model.bin to safetensors" : ""
    }`,
  );
}

function openGgufModel(path: string): OpenModel {
  const file = openGguf(path);
  try {
    const configJson = ggufConfigJson(file);
    const config = readModelConfig(configJson, path);
    const chatTemplate = file.metadata.text("tokenizer.chat_template");
    const weights = ggufWeights(file, config.headDim);
    return describe({ kind: "gguf", path }, configJson, config, ggufTokenizer(file), chatTemplate, weights);
  } catch (error) {
    file.close();
    throw error;
  }
}

function openLlama2cModel(path: string): OpenModel {
  const { configJson, weights } = openLlama2c(path);
  try {
    const config = readModelConfig(configJson, path);
    const names = [`tok${config.vocabularySize}.bin`, "tokenizer.bin"];
    const tokenizerPath = names
      .map((name) => join(dirname(path), name))
      .find((candidate) => existsSync(candidate));
    if (!tokenizerPath)
      throw new ModelFileError(`${path}: needs its tokenizer beside it, named ${names.join(" or ")}`);
    const tokenizer = readLlama2cTokenizer(tokenizerPath, config.vocabularySize);
    return describe({ kind: "llama2c", path }, configJson, config, tokenizer, undefined, weights);
  } catch (error) {
    weights.close();
    throw error;
  }
}

function describe(
  source: ModelDescription["source"],
  configJson: JsonObject,
  config: ModelConfig,
  tokenizer: Tokenizer,
  chatTemplate: string | undefined,
  weights: WeightFile,
): OpenModel {
  if (tokenizer.vocabularySize > config.vocabularySize) {
    weights.close();
    throw new ModelFileError(
      `${source.path}: the tokenizer has ${tokenizer.vocabularySize} tokens, the model only ${config.vocabularySize}; they do not belong together`,
    );
  }
  return {
    source,
    configJson,
    config,
    tokenizer,
    ...(chatTemplate !== undefined && { chatTemplate }),
    weights,
  };
}

function requireFile(folder: string, name: string): string {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  const gguf = readdirSync(folder).find((entry) => entry.endsWith(".gguf"));
  throw new ModelFileError(
    `${folder}: has no ${name}; a model folder holds config.json, model.safetensors and tokenizer.json${
      gguf ? ` (for ${gguf} give the path of that file)` : ""
    }`,
  );
}

function readOptionalJson(path: string): JsonObject {
  return existsSync(path) ? readJsonFile(path) : {};
}
