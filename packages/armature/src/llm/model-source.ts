import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import type { LanguageModel } from "./language-model.ts";
import { type ModelFile, readModelFile } from "./model-file.ts";
import type { LanguageModelSettings } from "./open-language-model.ts";

/** Where a model comes from, with paths made absolute. */
export type ModelSource = {
  /** What shares limits: the address of an endpoint, or the model itself. */
  readonly endpoint: string;
  readonly calling: Pick<
    ModelFile,
    | "concurrency"
    | "requestsPerMinute"
    | "tokensPerMinute"
    | "timeoutSeconds"
    | "retries"
    | "price"
    | "stripThink"
    | "id"
  >;
} & (
  | (Omit<Extract<ModelFile, { kind: "endpoint" }>, "apiKeyEnv"> & { readonly apiKeyEnv: string | undefined })
  | Extract<ModelFile, { kind: "path" }>
  | { readonly kind: "run"; readonly path: string; readonly name: string }
  | Extract<ModelFile, { kind: "replay" }>
  | Extract<ModelFile, { kind: "scripted" }>
  | { readonly kind: "given"; readonly model: LanguageModel }
);

/** @throws ConfigError where the spec names nothing that can be opened. */
export function readModelSource(spec: string | LanguageModel, settings: LanguageModelSettings): ModelSource {
  if (typeof spec !== "string") return { kind: "given", model: spec, endpoint: spec.id, calling: {} };
  const { cwd = process.cwd(), modelName, apiKeyEnv } = settings;
  if (/^https?:\/\//i.test(spec)) return endpointSource(spec, modelName, apiKeyEnv);
  const path = resolve(cwd, spec);
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status)
    throw new ConfigError(
      `model ${spec}: no such file or folder; give one, or a URL that begins with http:// or https://`,
    );
  if (status.isFile() && /\.(ya?ml|json)$/.test(spec)) return fileSource(path, spec, apiKeyEnv);
  if (status.isFile() && spec.endsWith(".jsonl"))
    return {
      kind: "replay",
      file: path,
      endpoint: path,
      calling: {},
      ...(modelName !== undefined && { model: modelName }),
    };
  if (status.isDirectory() && existsSync(join(path, RUN_STATE)))
    return { kind: "run", path, name: spec, endpoint: path, calling: {} };
  return { kind: "path", path, endpoint: path, calling: {} };
}

/** What a run directory has and a model folder has not. */
const RUN_STATE = "state.json";

function endpointSource(
  spec: string,
  modelName: string | undefined,
  apiKeyEnv: string | undefined,
): ModelSource {
  const [baseUrl = "", named] = spec.split("#");
  const model = named || modelName;
  if (!model)
    throw new ConfigError(
      `--model ${baseUrl}: which model of the endpoint? give --model-name, or write ${baseUrl}#name`,
    );
  return { kind: "endpoint", baseUrl, model, apiKeyEnv, endpoint: baseUrl.replace(/\/+$/, ""), calling: {} };
}

function fileSource(path: string, spec: string, apiKeyEnv: string | undefined): ModelSource {
  const file = readModelFile(path, spec);
  const folder = dirname(path);
  switch (file.kind) {
    case "endpoint":
      return {
        ...file,
        apiKeyEnv: file.apiKeyEnv ?? apiKeyEnv,
        endpoint: file.baseUrl.replace(/\/+$/, ""),
        calling: file,
      };
    case "path":
      return { ...file, path: resolve(folder, file.path), endpoint: path, calling: file };
    case "replay":
      return { ...file, file: resolve(folder, file.file), endpoint: path, calling: file };
    case "scripted":
      return { ...file, endpoint: path, calling: file };
  }
}
