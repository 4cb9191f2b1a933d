import { ConfigError } from "../errors.ts";
import type { CallOptions, CompletionRequest, LanguageModel, Usage } from "../llm/language-model.ts";
import { ModelCallError } from "../llm/model-call-error.ts";

/** A question with a closed list of answers. */
export interface Decision {
  /** The question as text, options included. */
  readonly question: string;
  /** Short labels of the options, in the question's order. */
  readonly options: readonly string[];
}

/** Probabilities of the options, in their order; 0 to 1, together at most 1. What is missing is on none of them. */
export interface DecisionAnswer {
  readonly probabilities: readonly number[];
  readonly usage: Usage;
}

/** A model that gives each option a probability instead of writing: a classifier, or a language model's first token. */
export interface DecisionModel {
  readonly id: string;
  /** Rejects with `ModelCallError` where no answer is to be had, and with the signal's reason where it was aborted. */
  decide(decision: Decision, options?: CallOptions): Promise<DecisionAnswer>;
}

/**
 * A language model as a decision model: it is asked for one token, and the probabilities of the options' labels among the
 * `topLogprobs` most likely tokens are read; our engine tells all of them exactly. Throws `ConfigError` for fewer alternatives than two; `decide` rejects with kind
 * `parse` where the endpoint sends no logprobs or none of them is a label.
 */
export function firstTokenDecisions(model: LanguageModel, topLogprobs = 20): DecisionModel {
  if (!(topLogprobs >= 2)) throw new ConfigError(`topLogprobs is ${topLogprobs}; give at least 2`);
  return {
    id: `first-token:${model.id}`,
    async decide({ question, options: labels }, options) {
      const request: CompletionRequest = {
        messages: [{ role: "user", content: question }],
        maxTokens: 1,
        temperature: 0,
        topLogprobs,
        among: labels,
      };
      const { choices, usage } = await model.complete(request, options);
      const first = choices[0]?.logprobs?.[0];
      if (first === undefined) throw unreadable(model, "sent no logprobs; use a judge that reads text");
      const alternatives = first.top.some(({ token }) => token === first.token)
        ? first.top
        : [...first.top, first];
      const probabilities = labels.map((label) =>
        alternatives
          .filter(({ token }) => token.trim().toLowerCase() === label.toLowerCase())
          .reduce((sum, { logprob }) => sum + Math.exp(logprob), 0),
      );
      if (probabilities.every((share) => share === 0))
        throw unreadable(
          model,
          `gives ${labels.join(", ")} no probability; it answers ${JSON.stringify(first.token)}`,
        );
      return { probabilities: probabilities.map((share) => Math.min(1, share)), usage };
    },
  };
}

function unreadable(model: LanguageModel, what: string): ModelCallError {
  return new ModelCallError(`${model.id}: ${what}`, { kind: "parse", retryable: false });
}
