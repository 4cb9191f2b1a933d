import type { LanguageModel } from "../../llm/language-model.ts";
import { ModelCallError } from "../../llm/model-call-error.ts";

/** Requests that a job would make, were every reply readable at once. */
export interface PlannedCalls {
  calls: number;
  /** Estimated from characters, at four a token. */
  promptTokens: number;
  /** Longest answers; they are usually shorter. */
  mostCompletionTokens: number;
}

/** A model that asks nobody: it counts what it is asked, and every call fails as if the budget were used up. */
export function countingModel(): { readonly model: LanguageModel; readonly planned: PlannedCalls } {
  const planned: PlannedCalls = { calls: 0, promptTokens: 0, mostCompletionTokens: 0 };
  const model: LanguageModel = {
    id: "dry run",
    complete({ messages, maxTokens, n = 1 }) {
      planned.calls++;
      planned.promptTokens += Math.ceil(messages.reduce((sum, { content }) => sum + content.length, 0) / 4);
      planned.mostCompletionTokens += n * maxTokens;
      return Promise.reject(
        new ModelCallError("dry run: nothing is asked", { kind: "budget", retryable: false }),
      );
    },
  };
  return { model, planned };
}

/** What a dry run prints. */
export function plannedLine({ calls, promptTokens, mostCompletionTokens }: PlannedCalls): string {
  return `dry run: ${calls} calls, about ${promptTokens} prompt tokens and at most ${mostCompletionTokens} answer tokens, before anything is asked again`;
}
