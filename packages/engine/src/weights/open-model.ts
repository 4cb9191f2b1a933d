import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { ModelFileError } from "../errors.ts";
import { type ModelConfig, readModelConfig } from "../model/model-config.ts";
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
  /** With the end tokens that the generation settings and the tokenizer name. */
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  /** Jinja template of conversations; absent for models that only continue text. */
  readonly chatTemplate?: string;
  readonly source: { readonly kind: "folder" | "gguf" | "llama2c"; readonly path: string };
}

/** A model whose weights are still in the file, under Hugging Face's names. Close `weights` after use. */
export interface OpenModel extends ModelDescription {
  readonly weights: WeightFile;
}

type ModelParts = Pick<OpenModel, "config" | "tokenizer" | "source" | "weights">;

/** `loadModel` without reading the weights: cheap also for large models. */
export function openModel(path: string): OpenModel {
  const { config, tokenizer, source, weights } = openByKind(path);
  if (tokenizer.vocabularySize > config.vocabularySize) {
    weights.close();
    throw new ModelFileError(
      `${path}: the tokenizer has ${tokenizer.vocabularySize} tokens, the model only ${config.vocabularySize}; they do not belong together`,
    );
  }
  const chatTemplate = chatTemplateOf(tokenizer.files.tokenizerConfig);
  return {
    config: { ...config, eosTokenIds: [...new Set([...config.eosTokenIds, ...tokenizer.eosTokenIds])] },
    tokenizer,
    ...(chatTemplate !== undefined && { chatTemplate }),
    source,
    weights,
  };
}

function openByKind(path: string): ModelParts {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status?.isDirectory()) return openFolder(path);
  if (status && path.endsWith(".gguf")) return openGgufModel(path);
  if (status && path.endsWith(".bin")) return openLlama2cModel(path);
  throw new ModelFileError(
    `${path}: ${status ? "not a model that can be read" : "no such model"}; give a Hugging Face folder, a .gguf file or a llama2.c .bin`,
  );
}

function openFolder(folder: string): ModelParts {
  const configPath = requireFile(folder, "config.json");
  const config = readModelConfig(readJsonFile(configPath), configPath);
  const tokenizerPath = requireFile(folder, "tokenizer.json");
  const tokenizerConfig = readOptionalJson(join(folder, "tokenizer_config.json"));
  const templatePath = join(folder, "chat_template.jinja");
  const files = {
    tokenizerJson: readJsonFile(tokenizerPath),
    tokenizerConfig: existsSync(templatePath)
      ? { ...tokenizerConfig, chat_template: readFileSync(templatePath, "utf8") }
      : tokenizerConfig,
  };
  // Chat models often name the end of a turn only here.
  const generation = readOptionalJson(join(folder, "generation_config.json"));
  const endIds = [generation["eos_token_id"]].flat().filter((id): id is number => Number.isInteger(id));
  return {
    config: { ...config, eosTokenIds: [...config.eosTokenIds, ...endIds] },
    tokenizer: createTokenizer(files, tokenizerPath, [...config.eosTokenIds, ...endIds]),
    source: { kind: "folder", path: folder },
    weights: openFolderWeights(folder),
  };
}

function openFolderWeights(folder: string): WeightFile {
  const single = join(folder, "model.safetensors");
  const index = join(folder, "model.safetensors.index.json");
  if (existsSync(single)) return openSafetensors(single);
  if (existsSync(index)) return openShardedSafetensors(index);
  const mend = existsSync(join(folder, "pytorch_model.bin"))
    ? "convert its pytorch_model.bin to safetensors"
    : "fetch the weights, too";
  throw new ModelFileError(
    `${folder}: has neither model.safetensors nor model.safetensors.index.json; ${mend}`,
  );
}

function openGgufModel(path: string): ModelParts {
  const file = openGguf(path);
  try {
    const config = readModelConfig(ggufConfigJson(file), path);
    return {
      config,
      tokenizer: ggufTokenizer(file),
      source: { kind: "gguf", path },
      weights: ggufWeights(file, config.headDim),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function openLlama2cModel(path: string): ModelParts {
  const { configJson, weights } = openLlama2c(path);
  try {
    const config = readModelConfig(configJson, path);
    const names = [`tok${config.vocabularySize}.bin`, "tokenizer.bin"];
    const tokenizerPath = names.map((name) => join(dirname(path), name)).find((file) => existsSync(file));
    if (!tokenizerPath)
      throw new ModelFileError(`${path}: needs its tokenizer beside it, named ${names.join(" or ")}`);
    const tokenizer = readLlama2cTokenizer(tokenizerPath, config.vocabularySize);
    return { config, tokenizer, source: { kind: "llama2c", path }, weights };
  } catch (error) {
    weights.close();
    throw error;
  }
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
