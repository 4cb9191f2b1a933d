import {
  addUsage,
  type CallOptions,
  type Choice,
  type Completion,
  type CompletionRequest,
  type LanguageModel,
} from "./language-model.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import { ModelCallError } from "./model-call-error.ts";

/**
 * As many answers as were asked for, of a model that may give fewer: it asks again for those that are missing, all at once
 * where the model gives one a request. The requests for the rest have seeds of their own, or they would bring the same
 * answers again.
 */
export class AnswerFillingModel implements LanguageModel {
  readonly id: string;
  readonly #model: LanguageModel;
  /** True once the model was seen to answer one choice where more were asked for. */
  #single = false;

  constructor(model: LanguageModel) {
    this.id = model.id;
    this.#model = model;
  }

  async complete(request: CompletionRequest, options: CallOptions = {}): Promise<Completion> {
    const { n = 1 } = request;
    if (n === 1) return this.#model.complete(request, options);
    const first = await this.#model.complete(this.#single ? { ...request, n: 1 } : request, options);
    let { choices, usage } = first;
    if (choices.length === 1) this.#single = true;
    while (choices.length < n) {
      const parts = await this.#rest(request, choices.length, options);
      const more: Choice[] = parts.flatMap((part) => part.choices);
      usage = parts.reduce((sum, part) => addUsage(sum, part.usage), usage);
      choices = [...choices, ...more];
    }
    return { choices: choices.slice(0, n), usage };
  }

  async close(): Promise<void> {
    await this.#model.close?.();
  }

  #rest(request: CompletionRequest, have: number, options: CallOptions): Promise<Completion[]> {
    const { n = 1, seed } = request;
    const missing = n - have;
    const parts = this.#single ? Array.from({ length: missing }, () => 1) : [missing];
    return mapConcurrently(
      parts,
      async (count, i, signal) => {
        const own = { ...request, n: count, ...(seed !== undefined && { seed: seed + have + i }) };
        const part = await this.#model.complete(own, { ...options, signal });
        if (part.choices.length > 0) return part;
        throw new ModelCallError(`${this.id}: gave no answer to a request for ${count}; check the model`, {
          kind: "infrastructure",
          retryable: false,
        });
      },
      { concurrency: parts.length, signal: options.signal },
    );
  }
}
