import { ConfigError } from "../errors.ts";
import type { LanguageModel } from "./language-model.ts";
import type { UsageReport } from "./usage-report.ts";

/** How models are called, whatever they are. A value that a model file gives for its own model goes before. */
export interface LanguageModelSettings {
  /** The endpoint's name for the model, where the spec is a URL. */
  readonly modelName?: string;
  /** Environment variable that holds the key; without it none is sent. */
  readonly apiKeyEnv?: string;
  /** Most requests under way at one endpoint. Default 64. */
  readonly concurrency?: number;
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  /** Longest wait for one try of one answer. Default 300. */
  readonly timeoutSeconds?: number;
  /** Further tries after a failure that may pass. Default 5. */
  readonly retries?: number;
  /** Limits of what all models of the session may take together, what the cache log records included. */
  readonly budgetUsd?: number;
  readonly budgetTokens?: number;
  /** Price in US dollars per million tokens of prompts and of answers. */
  readonly priceIn?: number;
  readonly priceOut?: number;
  /** Answer log: equal requests are answered from it, and an interrupted job goes on with it. Absent keeps none. */
  readonly cache?: string;
  /** Removes `<think>` blocks from answers. */
  readonly stripThink?: boolean;
  /** Seed of the retries' jitter. Default 0. */
  readonly seed?: number;
  /** Where keys are looked up; default the process's own environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Folder that relative specs and files are meant from; default the process's own. */
  readonly cwd?: string;
}

/** Models that share one cache, one budget and one account of usage. */
export interface OpenLanguageModels {
  /** In the order of the specs; equal specs give one model. */
  readonly models: readonly LanguageModel[];
  /** What was asked so far, and what it took. */
  usage(): UsageReport;
  /** Gives back connections, threads and files. */
  close(): Promise<void>;
}

/**
 * Opens models by spec: a URL of an OpenAI-compatible endpoint (`http://127.0.0.1:8000/v1`, the model's name in
 * `modelName` or after a `#`), a GGUF file or a Hugging Face folder (our engine), a `.jsonl` answer log (replayed), or a
 * `.yaml` model file that says everything itself.
 * @throws ConfigError where a spec or a setting cannot be used.
 */
export async function openLanguageModels(
  specs: readonly string[],
  _settings: LanguageModelSettings = {},
): Promise<OpenLanguageModels> {
  throw new ConfigError(`--model ${specs.join(", ")}: not built yet`);
}
