import type { AdaptiveLimiter, RequestEnd } from "./adaptive-limiter.ts";
import type { CallOptions, Completion, CompletionRequest, LanguageModel } from "./language-model.ts";
import { ModelCallError } from "./model-call-error.ts";
import { expectedTokens } from "./token-estimate.ts";

/** HTTP statuses that say "too much at once". */
const OVERLOAD: ReadonlySet<number | undefined> = new Set([429, 503, 529]);

/** Sends a request when the endpoint's limiter lets it; the time in the queue is not part of any deadline inside. */
export class LimitedModel implements LanguageModel {
  readonly id: string;
  readonly #model: LanguageModel;
  readonly #limiter: AdaptiveLimiter;

  constructor(model: LanguageModel, limiter: AdaptiveLimiter) {
    this.id = model.id;
    this.#model = model;
    this.#limiter = limiter;
  }

  async complete(request: CompletionRequest, options: CallOptions = {}): Promise<Completion> {
    const permit = await this.#limiter.acquire(expectedTokens(request), options.signal);
    let end: RequestEnd = { kind: "other" };
    try {
      const completion = await this.#model.complete(request, options);
      const { promptTokens, completionTokens } = completion.usage;
      end = { kind: "answered", tokens: promptTokens + completionTokens };
      return completion;
    } catch (error) {
      if (ModelCallError.isInstance(error) && OVERLOAD.has(error.status) && error.retryable)
        end = { kind: "overload", pauseMs: error.retryAfterMs ?? 0 };
      throw error;
    } finally {
      this.#limiter.release(permit, end);
    }
  }

  async close(): Promise<void> {
    await this.#model.close?.();
  }
}
