import { resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import { AdaptiveLimiter } from "./adaptive-limiter.ts";
import { AnswerFillingModel } from "./answer-filling-model.ts";
import { AnswerLog } from "./answer-log.ts";
import { Budget, type TokenPrice } from "./budget.ts";
import { BudgetedModel } from "./budgeted-model.ts";
import { CachedModel } from "./cached-model.ts";
import { DeadlineModel } from "./deadline-model.ts";
import type { LanguageModel } from "./language-model.ts";
import { LimitedModel } from "./limited-model.ts";
import { MeteredModel, UsageMeter } from "./metered-model.ts";
import { type ModelSource, readModelSource } from "./model-source.ts";
import { openBareModel } from "./open-bare-model.ts";
import { RetryingModel } from "./retrying-model.ts";
import { ThinkStrippingModel } from "./think-stripping-model.ts";
import type { UsageReport } from "./usage-report.ts";

/** How models are called, whatever they are. A value that a model file gives for its own model goes before. */
export interface LanguageModelSettings {
  /** The endpoint's name for the model where the spec is a URL; which of the recorded models where it is a log. */
  readonly modelName?: string | undefined;
  /** Environment variable that holds the key; without it none is sent. */
  readonly apiKeyEnv?: string | undefined;
  /** Most requests under way at one endpoint. Default 64. */
  readonly concurrency?: number | undefined;
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
  /** Longest wait for one try of one answer. Default 300, for a model of our engine 3600. */
  readonly timeoutSeconds?: number | undefined;
  /** Further tries after a failure that may pass. Default 5. */
  readonly retries?: number | undefined;
  /** Limits of what all models of the session may take together, what the cache log records included. */
  readonly budgetUsd?: number | undefined;
  readonly budgetTokens?: number | undefined;
  /** Price in US dollars per million tokens of prompts and of answers. */
  readonly priceIn?: number | undefined;
  readonly priceOut?: number | undefined;
  /** Answer log: equal requests are answered from it, and an interrupted job goes on with it. Absent keeps none. */
  readonly cache?: string | undefined;
  /** Removes `<think>` blocks from answers. */
  readonly stripThink?: boolean | undefined;
  /** Seed of the retries' jitter. Default 0. */
  readonly seed?: number | undefined;
  /** Where keys are looked up; default the process's own environment. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Folder that relative specs and files are meant from; default the process's own. */
  readonly cwd?: string | undefined;
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
 * `modelName` or after a `#`), a GGUF file, a Hugging Face folder or the run directory of a trained policy (our engine), a `.jsonl` answer log (replayed), or a
 * `.yaml` model file that says everything itself. A spec may also be a model of the caller's, an `AiSdkModel` for instance;
 * it is closed with the others.
 *
 * Each model is wrapped, from the outside: meter, thinking removed, cache, answers filled up to `n`, retries, limiter,
 * budget, deadline. What is cached costs no try, no turn and no money; a retry waits outside the limiter and leaves its
 * place to others; the queue is outside the budget, so only what is under way holds money back, and outside the deadline,
 * so waiting is no failure; every try reserves its own money.
 * @throws ConfigError where a spec or a setting cannot be used; errors of `AnswerLog.open` and of the engine.
 */
export async function openLanguageModels(
  specs: readonly (string | LanguageModel)[],
  settings: LanguageModelSettings = {},
): Promise<OpenLanguageModels> {
  if (specs.length === 0)
    throw new ConfigError("which model? give --model with a URL, a model or a model file");
  const sources = new Map(specs.map((spec) => [spec, readModelSource(spec, settings)]));
  const { cache, budgetTokens, budgetUsd, cwd = process.cwd() } = settings;
  for (const source of sources.values()) checkPrice(source, settings);
  const log = cache === undefined ? null : AnswerLog.open(resolve(cwd, cache));
  const models = new Map<string | LanguageModel, LanguageModel>();
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await Promise.all([...models.values()].map((model) => model.close?.()));
    log?.close();
  };
  try {
    if (log !== null && budgetUsd !== undefined && log.spent.usd === null)
      throw new ConfigError(
        `${cache}: records calls without a price, so --budget-usd cannot tell what is left; start another --cache or give --budget-tokens`,
      );
    const budget = new Budget({ tokens: budgetTokens, usd: budgetUsd }, log, log?.spent);
    const meter = new UsageMeter();
    const limiters = new Map<string, AdaptiveLimiter>();
    for (const [spec, source] of sources) {
      const bare = await openBareModel(source, settings);
      const limiter = limiters.get(source.endpoint) ?? new AdaptiveLimiter(limitsOf(source, settings));
      limiters.set(source.endpoint, limiter);
      models.set(spec, wrapped(bare, source, settings, { log, budget, meter, limiter }));
    }
    return {
      models: specs.map((spec) => models.get(spec)!),
      usage: () => meter.report(),
      close: () => {
        closed ??= close();
        return closed;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Seconds. A batch of our own engine takes as long as it takes on the machine at hand. */
const TIMEOUT = 300;
const ENGINE_TIMEOUT = 3600;

interface Shared {
  readonly log: AnswerLog | null;
  readonly budget: Budget;
  readonly meter: UsageMeter;
  readonly limiter: AdaptiveLimiter;
}

function wrapped(
  bare: LanguageModel,
  source: ModelSource,
  settings: LanguageModelSettings,
  { log, budget, meter, limiter }: Shared,
): LanguageModel {
  const { calling } = source;
  const timeoutSeconds =
    calling.timeoutSeconds ??
    settings.timeoutSeconds ??
    (["path", "run"].includes(source.kind) ? ENGINE_TIMEOUT : TIMEOUT);
  const retries = calling.retries ?? settings.retries ?? 5;
  let model: LanguageModel = new DeadlineModel(bare, timeoutSeconds * 1000);
  model = new BudgetedModel(model, budget, priceOf(source, settings));
  model = new LimitedModel(model, limiter);
  model = new RetryingModel(model, { retries, seed: settings.seed ?? 0 });
  model = new AnswerFillingModel(model);
  if (log !== null && source.kind !== "replay") model = new CachedModel(model, log);
  if (calling.stripThink ?? settings.stripThink) model = new ThinkStrippingModel(model);
  return new MeteredModel(model, meter);
}

function limitsOf({ calling }: ModelSource, settings: LanguageModelSettings) {
  return {
    concurrency: calling.concurrency ?? settings.concurrency ?? 64,
    requestsPerMinute: calling.requestsPerMinute ?? settings.requestsPerMinute,
    tokensPerMinute: calling.tokensPerMinute ?? settings.tokensPerMinute,
  };
}

/** What runs in this process costs nothing. */
function priceOf(
  { kind, calling }: ModelSource,
  { priceIn, priceOut }: LanguageModelSettings,
): TokenPrice | null {
  if (calling.price !== undefined) return calling.price;
  if (kind !== "endpoint" && kind !== "given") return { input: 0, output: 0 };
  return priceIn === undefined || priceOut === undefined ? null : { input: priceIn, output: priceOut };
}

function checkPrice(source: ModelSource, settings: LanguageModelSettings): void {
  if ((settings.priceIn === undefined) !== (settings.priceOut === undefined))
    throw new ConfigError("--price-in and --price-out go together; give both");
  if (settings.budgetUsd !== undefined && priceOf(source, settings) === null)
    throw new ConfigError(
      `--budget-usd needs the price of ${source.endpoint}; give --price-in and --price-out, or price in its model file`,
    );
}
