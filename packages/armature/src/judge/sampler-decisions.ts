import { type Sampler, TinkerError } from "@armature/tinker";
import { NO_USAGE } from "../llm/language-model.ts";
import { ModelCallError } from "../llm/model-call-error.ts";
import type { DecisionModel } from "./decision-model.ts";
import type { ChatEncoder } from "./paper-dialect.ts";

/** A model of the training protocol, and what turns chats into its tokens. */
export interface SamplerDecisionSettings {
  /** Names weights and tokenizer. */
  readonly id: string;
  readonly sampler: Sampler;
  readonly encoder: ChatEncoder;
  /** Tokens of question and option together. */
  readonly contextLength: number;
}

/**
 * A model of our engine, or any sampler, as a decision model: each option's label is put where the answer begins, with a
 * capital as answers begin, and its exact probability is computed. So there is one for every option, however unlikely, where
 * `firstTokenDecisions` sees only what an endpoint lists. It takes one pass over the question for each option.
 */
export function samplerDecisions(settings: SamplerDecisionSettings): DecisionModel {
  const { id, sampler, encoder, contextLength } = settings;
  const fault = (what: string, kind: "context" | "infrastructure", cause?: unknown) =>
    new ModelCallError(`${id}: ${what}`, { kind, retryable: false }, { cause });
  return {
    id: `sampler:${id}`,
    async decide({ question, options: labels }, { signal } = {}) {
      signal?.throwIfAborted();
      const prompt = encoder.encodeChat([{ role: "user", content: question }], { addGenerationPrompt: true });
      const sequences = labels.map((label) => [...prompt, ...encoder.encode(capitalised(label))]);
      const longest = Math.max(...sequences.map(({ length }) => length));
      if (longest > contextLength)
        throw fault(
          `${longest} tokens exceed the context of ${contextLength}; shorten the response`,
          "context",
        );
      const logprobs = await sampler.logprobsMany(sequences).result.catch((error: unknown) => {
        throw TinkerError.isInstance(error) ? fault(error.message, "infrastructure", error) : error;
      });
      signal?.throwIfAborted();
      const probabilities = logprobs.map((row, i) => {
        const answer = row.subarray(row.length - (sequences[i]!.length - prompt.length));
        return Math.exp(answer.reduce((sum, logprob) => sum + logprob, 0));
      });
      const tokens = sequences.reduce((sum, { length }) => sum + length, 0);
      return { probabilities, usage: { ...NO_USAGE, calls: 1, promptTokens: tokens } };
    },
  };
}

const capitalised = (label: string): string => label.slice(0, 1).toUpperCase() + label.slice(1);
