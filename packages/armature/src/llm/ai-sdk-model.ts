import {
  type CallOptions,
  type Completion,
  type CompletionRequest,
  type FinishReason,
  type LanguageModel,
  NO_USAGE,
  type Usage,
} from "./language-model.ts";
import { ModelCallError } from "./model-call-error.ts";
import { retryAfterMs } from "./retry-after.ts";
import { estimatedUsage } from "./token-estimate.ts";

/**
 * What is used of an AI SDK model (`@ai-sdk/openai(…)("name")` and the like): the provider interface of version 2 or 3. It
 * is described here by its shape, so `ai` need not be installed.
 */
export interface AiSdkLanguageModel {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
  doGenerate(options: object): PromiseLike<unknown>;
}

/**
 * An AI SDK model as a language model. It gives no logprobs, and one answer a call: `AnswerFillingModel` asks for the rest,
 * and `openLanguageModels` takes it with all wrappers. Errors of the SDK become `ModelCallError`s by status; its own retries
 * are not used, ours are.
 */
export class AiSdkModel implements LanguageModel {
  readonly id: string;
  readonly #model: AiSdkLanguageModel;

  constructor(model: AiSdkLanguageModel) {
    this.id = `${model.modelId}@${model.provider}`;
    this.#model = model;
  }

  async complete(request: CompletionRequest, { signal }: CallOptions = {}): Promise<Completion> {
    signal?.throwIfAborted();
    const { messages, maxTokens, temperature, topP, stop, seed, responseSchema } = request;
    const result = (await Promise.resolve(
      this.#model.doGenerate({
        prompt: messages.map(({ role, content }) =>
          role === "system" ? { role, content } : { role, content: [{ type: "text", text: content }] },
        ),
        maxOutputTokens: maxTokens,
        temperature,
        ...(topP !== undefined && { topP }),
        ...(stop !== undefined && { stopSequences: [...stop] }),
        ...(seed !== undefined && { seed }),
        ...(responseSchema !== undefined && { responseFormat: { type: "json", ...responseSchema } }),
        ...(signal !== undefined && { abortSignal: signal }),
      }),
    ).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw this.#fault(error);
    })) as Generated;
    const text = (result.content ?? [])
      .map((part) => (part.type === "text" ? (part.text ?? "") : ""))
      .join("");
    const choice = { text, finishReason: finishOf(result.finishReason) };
    const usage = usageOf(result.usage) ?? estimatedUsage(request, [choice]);
    if (text === "" && choice.finishReason === "filter")
      throw new ModelCallError(`${this.id}: refused to answer; change the prompt or ask another model`, {
        kind: "refusal",
        retryable: false,
        usage,
      });
    return { choices: [choice], usage };
  }

  #fault(error: unknown): ModelCallError {
    const { message, statusCode, isRetryable, responseHeaders } = error as Partial<ApiCallError>;
    const pause = retryAfterMs(responseHeaders ?? {});
    return new ModelCallError(
      `${this.id}: ${String(message ?? error).slice(0, 200)}`,
      {
        kind: /context (length|window)|maximum context|too long/i.test(String(message))
          ? "context"
          : "infrastructure",
        retryable: isRetryable ?? statusCode === undefined,
        ...(statusCode !== undefined && { status: statusCode, usage: { ...NO_USAGE, calls: 1 } }),
        ...(pause !== undefined && { retryAfterMs: pause }),
      },
      { cause: error },
    );
  }
}

/** As far as it is read. Version 2 gives plain numbers and words, version 3 objects. */
interface Generated {
  readonly content?: readonly { readonly type: string; readonly text?: string }[];
  readonly finishReason?: string | { readonly unified?: string };
  readonly usage?: {
    readonly inputTokens?: number | { readonly total?: number; readonly cacheRead?: number };
    readonly outputTokens?: number | { readonly total?: number };
    readonly cachedInputTokens?: number;
  };
}

/** `APICallError` of the SDK. */
interface ApiCallError {
  readonly message: string;
  readonly statusCode: number;
  readonly isRetryable: boolean;
  readonly responseHeaders: Record<string, string>;
}

/** Null where the provider does not tell. */
function usageOf(usage: Generated["usage"]): Usage | null {
  const total = (tokens: number | { readonly total?: number } | undefined): number | undefined =>
    typeof tokens === "number" ? tokens : tokens?.total;
  const [promptTokens, completionTokens] = [total(usage?.inputTokens), total(usage?.outputTokens)];
  if (promptTokens === undefined || completionTokens === undefined) return null;
  const { inputTokens, cachedInputTokens } = usage!;
  const cachedPromptTokens =
    (typeof inputTokens === "object" ? inputTokens.cacheRead : cachedInputTokens) ?? 0;
  return { calls: 1, promptTokens, cachedPromptTokens, completionTokens, costUsd: null };
}

const FINISH: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  length: "length",
  "content-filter": "filter",
};

function finishOf(reason: Generated["finishReason"]): FinishReason {
  return FINISH[(typeof reason === "string" ? reason : reason?.unified) ?? ""] ?? "other";
}
