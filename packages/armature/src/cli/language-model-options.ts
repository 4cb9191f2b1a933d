import type { Command } from "commander";
import type { LanguageModelSettings } from "../llm/open-language-model.ts";
import { collected, numberBetween, type Terminal, wholeNumber } from "./command.ts";

/** What `withLanguageModelOptions` lets a user say. */
export interface LanguageModelOptions {
  /** Specs for `openLanguageModels`, in the order given; empty where there is no --model. */
  readonly model?: readonly string[];
  readonly modelName?: string;
  readonly apiKeyEnv?: string;
  readonly concurrency?: number;
  readonly rpm?: number;
  readonly tpm?: number;
  readonly timeout?: number;
  readonly retries?: number;
  readonly budgetUsd?: number;
  readonly budgetTokens?: number;
  readonly priceIn?: number;
  readonly priceOut?: number;
  /** False for --no-cache. */
  readonly cache?: string | false;
  readonly stripThink?: boolean;
}

/** Options of every command that asks language models. */
export function withLanguageModelOptions(command: Command): Command {
  return withCallOptions(
    command.option(
      "--model <spec>",
      "URL of an OpenAI-compatible endpoint, GGUF file, model folder, run of a trained policy, model file (.yaml) or answer log (.jsonl)",
      collected,
    ),
  );
}

/** The same without `--model`, for commands whose models have names of their own. */
export function withCallOptions(command: Command): Command {
  const positive = numberBetween(Number.MIN_VALUE, Number.POSITIVE_INFINITY);
  const price = numberBetween(0, Number.POSITIVE_INFINITY);
  return command
    .option("--model-name <name>", "the endpoint's name for the model")
    .option("--api-key-env <variable>", "environment variable that holds the key")
    .option("--concurrency <n>", "most requests under way at one endpoint (default: 64)", wholeNumber(1))
    .option("--rpm <n>", "most requests a minute", wholeNumber(1))
    .option("--tpm <n>", "most tokens a minute", wholeNumber(1))
    .option("--timeout <seconds>", "longest wait for one try (default: 300, in our engine 3600)", positive)
    .option("--retries <n>", "further tries after a failure that may pass (default: 5)", wholeNumber(0))
    .option("--budget-usd <dollars>", "stop asking before this much is spent", price)
    .option("--budget-tokens <n>", "stop asking before so many tokens are used", wholeNumber(0))
    .option("--price-in <dollars>", "price of a million prompt tokens", price)
    .option("--price-out <dollars>", "price of a million answer tokens", price)
    .option("--cache <file>", "answer log: equal questions are answered from it, and a job goes on with it")
    .option("--no-cache", "ask everything anew and log nothing")
    .option("--strip-think", "remove <think> blocks from answers");
}

/**
 * The options as `openLanguageModels` takes them. `defaultCache` is the log where the user named none, for instance one
 * beside the command's output; null keeps none.
 */
export function languageModelSettings(
  options: LanguageModelOptions,
  { environment, cwd }: Terminal,
  defaultCache: string | null = null,
): LanguageModelSettings {
  return {
    modelName: options.modelName,
    apiKeyEnv: options.apiKeyEnv,
    concurrency: options.concurrency,
    requestsPerMinute: options.rpm,
    tokensPerMinute: options.tpm,
    timeoutSeconds: options.timeout,
    retries: options.retries,
    budgetUsd: options.budgetUsd,
    budgetTokens: options.budgetTokens,
    priceIn: options.priceIn,
    priceOut: options.priceOut,
    stripThink: options.stripThink,
    cache: options.cache === false ? undefined : (options.cache ?? defaultCache ?? undefined),
    environment,
    cwd,
  };
}
