import { join } from "node:path";
import { ModelFileError } from "../errors.ts";
import { ADAPTED_SCORE } from "../model/parameters.ts";
import { type WrittenFile, writeFileAtomically } from "../weights/atomic-file.ts";
import { type JsonObject, readJsonFile } from "../weights/json-file.ts";
import { openSafetensors, writeSafetensors } from "../weights/safetensors.ts";
import type { NamedArray, WeightFile } from "../weights/weight-file.ts";

const ADAPTER_CONFIG = "adapter_config.json";
const ADAPTER_WEIGHTS = "adapter_model.safetensors";

/** How an adapter is applied: W + (alpha / rank) · B·A. */
export interface AdapterSettings {
  readonly rank: number;
  readonly alpha: number;
  /** Name or path of the base model, for the reader; loaders such as PEFT's `AutoPeftModel` look it up. */
  readonly baseModel: string;
}

/** An adapter in PEFT's layout; parameters have PEFT's names (`loraName`), that of a scalar head `ADAPTED_SCORE`. */
export interface PeftAdapter {
  readonly settings: AdapterSettings;
  readonly parameters: ReadonlyMap<string, NamedArray>;
}

const MATRIX_NAME = /^base_model\.model\.(?:.*\.)?([^.]+)\.lora_([AB])\.weight$/;

/** Writes `adapter_config.json` and `adapter_model.safetensors` as the Python package `peft` reads them. */
export function writePeftAdapter(
  folder: string,
  { settings, parameters }: PeftAdapter,
): Map<string, WrittenFile> {
  checkMatrices(join(folder, ADAPTER_WEIGHTS), settings.rank, parameters);
  const modules = [...parameters.keys()].flatMap((name) => MATRIX_NAME.exec(name)?.[1] ?? []);
  const scalar = parameters.has(ADAPTED_SCORE);
  const config: JsonObject = {
    peft_type: "LORA",
    task_type: scalar ? "SEQ_CLS" : "CAUSAL_LM",
    base_model_name_or_path: settings.baseModel,
    r: settings.rank,
    lora_alpha: settings.alpha,
    lora_dropout: 0,
    target_modules: [...new Set(modules)],
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    modules_to_save: scalar ? ["score"] : null,
    rank_pattern: {},
    alpha_pattern: {},
    use_rslora: false,
    use_dora: false,
  };
  const text = Buffer.from(`${JSON.stringify(config, null, 2)}\n`);
  return new Map([
    [ADAPTER_CONFIG, writeFileAtomically(join(folder, ADAPTER_CONFIG), [text])],
    [ADAPTER_WEIGHTS, writeSafetensors(join(folder, ADAPTER_WEIGHTS), parameters)],
  ]);
}

/**
 * Reads an adapter, also one that PEFT itself saved. Throws `ModelFileError` for variants that would be computed wrongly
 * (other kinds than plain LoRA, ranks that differ between layers) and for matrices that do not fit the rank.
 */
export function readPeftAdapter(folder: string): PeftAdapter {
  const configPath = join(folder, ADAPTER_CONFIG);
  const settings = readSettings(readJsonFile(configPath), configPath);
  const file = openSafetensors(join(folder, ADAPTER_WEIGHTS));
  try {
    const parameters = readAll(file);
    checkMatrices(file.path, settings.rank, parameters);
    return { settings, parameters };
  } finally {
    file.close();
  }
}

/** Every tensor of a file. */
export function readAll(file: WeightFile): Map<string, NamedArray> {
  return new Map([...file.tensors].map(([name, { shape }]) => [name, { shape, data: file.read(name) }]));
}

function readSettings(config: JsonObject, where: string): AdapterSettings {
  const plain: readonly [field: string, allowed: readonly string[]][] = [
    ["peft_type", ['"LORA"']],
    ["bias", ['"none"']],
    ["fan_in_fan_out", ["false"]],
    ["use_rslora", ["false"]],
    ["use_dora", ["false"]],
    ["rank_pattern", ["{}", "null"]],
    ["alpha_pattern", ["{}", "null"]],
  ];
  for (const [field, allowed] of plain) {
    const value = JSON.stringify(config[field]);
    if (value !== undefined && !allowed.includes(value))
      throw new ModelFileError(`${where}: ${field} ${value} is not supported, only ${allowed[0]}`);
  }
  const saved = config["modules_to_save"] ?? [];
  // PEFT lists both names that a classification's head may have.
  if (!Array.isArray(saved) || saved.some((module) => module !== "score" && module !== "classifier"))
    throw new ModelFileError(
      `${where}: modules_to_save ${JSON.stringify(saved)} is not supported, only "score"`,
    );
  const { r: rank, lora_alpha: alpha, base_model_name_or_path: baseModel } = config;
  if (typeof rank !== "number" || !Number.isInteger(rank) || rank < 1)
    throw new ModelFileError(`${where}: r must be a positive integer, is ${JSON.stringify(rank)}`);
  if (typeof alpha !== "number" || !Number.isFinite(alpha))
    throw new ModelFileError(`${where}: lora_alpha must be a number, is ${JSON.stringify(alpha)}`);
  return { rank, alpha, baseModel: typeof baseModel === "string" ? baseModel : "" };
}

/** A is [rank, in], B is [out, rank], and each comes with the other. */
function checkMatrices(path: string, rank: number, parameters: ReadonlyMap<string, NamedArray>): void {
  for (const [name, { shape }] of parameters) {
    if (name === ADAPTED_SCORE) continue;
    const matrix = MATRIX_NAME.exec(name)?.[2];
    if (!matrix) throw new ModelFileError(`${path}: tensor ${name} is no LoRA matrix of PEFT's layout`);
    const other = name.replace(/lora_[AB]\.weight$/, `lora_${matrix === "A" ? "B" : "A"}.weight`);
    if (!parameters.has(other)) throw new ModelFileError(`${path}: tensor ${name} comes without ${other}`);
    if (shape.length !== 2 || shape[matrix === "A" ? 0 : 1] !== rank)
      throw new ModelFileError(
        `${path}: tensor ${name} is [${shape.join(", ")}], which does not fit rank ${rank}`,
      );
  }
}
