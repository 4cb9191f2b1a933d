import { type Amount, type Budget, costOf, NOTHING, type TokenPrice } from "./budget.ts";
import type { CallOptions, Completion, CompletionRequest, LanguageModel, Usage } from "./language-model.ts";
import { ModelAccessError } from "./model-access-error.ts";
import { ModelCallError } from "./model-call-error.ts";
import { mostTokens } from "./token-estimate.ts";

/**
 * Spends from a budget and puts a price on what the model does not price itself. It stands inside the retries: every try
 * reserves for itself, and one whose end is unknown (a hang, a cut reply) counts with the most it can have taken.
 */
export class BudgetedModel implements LanguageModel {
  readonly id: string;
  readonly #model: LanguageModel;
  readonly #budget: Budget;
  readonly #price: TokenPrice | null;

  constructor(model: LanguageModel, budget: Budget, price: TokenPrice | null) {
    this.id = model.id;
    this.#model = model;
    this.#budget = budget;
    this.#price = price;
  }

  async complete(request: CompletionRequest, options: CallOptions = {}): Promise<Completion> {
    const most = this.#most(request);
    const reservation = await this.#budget.reserve(most, this.id, options.signal);
    let took = most;
    try {
      const completion = await this.#model.complete(request, options);
      const usage = this.#priced(completion.usage);
      took = amountOf(usage);
      return { choices: completion.choices, usage };
    } catch (error) {
      // A refused key or name was never worked on.
      if (ModelAccessError.isInstance(error)) took = NOTHING;
      if (ModelCallError.isInstance(error) && error.usage) took = amountOf(this.#priced(error.usage));
      throw error;
    } finally {
      this.#budget.settle(reservation, took);
    }
  }

  async close(): Promise<void> {
    await this.#model.close?.();
  }

  #most(request: CompletionRequest): Amount {
    const { prompt, completion } = mostTokens(request);
    return {
      tokens: prompt + completion,
      usd:
        this.#price === null
          ? null
          : costOf(
              { promptTokens: prompt, cachedPromptTokens: 0, completionTokens: completion },
              this.#price,
            ),
    };
  }

  #priced(usage: Usage): Usage {
    if (usage.costUsd !== null || this.#price === null) return usage;
    return { ...usage, costUsd: costOf(usage, this.#price) };
  }
}

const amountOf = ({ promptTokens, completionTokens, costUsd }: Usage): Amount => ({
  tokens: promptTokens + completionTokens,
  usd: costUsd,
});
