import {
  addUsage,
  type CallOptions,
  type Choice,
  type Completion,
  type CompletionRequest,
  type LanguageModel,
} from "./language-model.ts";

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
    const ask = (index: number, n: number): Promise<Completion> =>
      this.#model.complete({ ...request, n, ...(seed !== undefined && { seed: seed + index }) }, options);
    const missing = n - have;
    if (!this.#single) return Promise.all([ask(have, missing)]);
    return Promise.all(Array.from({ length: missing }, (_, i) => ask(have + i, 1)));
  }
}
