import type { Message } from "../data/prompt.ts";

/** One question to a language model. Equal requests to one model share a cache entry, so everything that counts is in it. */
export interface CompletionRequest {
  readonly messages: readonly Message[];
  /** Longest answer in tokens, at least 1. */
  readonly maxTokens: number;
  /** 0 is greedy. */
  readonly temperature: number;
  /** Nucleus, above 0 to 1; default 1. */
  readonly topP?: number;
  /** Answers that are sampled independently; default 1. */
  readonly n?: number;
  /** Texts that end an answer; they are not part of it. */
  readonly stop?: readonly string[];
  readonly seed?: number;
  /** Logprobs of the answer's tokens with so many alternatives each (0: the token alone); absent asks for none. */
  readonly topLogprobs?: number;
  /**
   * The answers that are wanted, at least one. A model that can (our engine) gives the likeliest as one token with all of them
   * as its alternatives, in place of sampling; others answer freely and are read by `topLogprobs`.
   */
  readonly among?: readonly string[];
  /** A JSON schema of the answer for endpoints that enforce one. A hint: what comes back is read as if it had not been sent. */
  readonly responseSchema?: { readonly name: string; readonly schema: Readonly<Record<string, unknown>> };
}

/** How a question is asked; nothing here changes the answer. */
export interface CallOptions {
  /** Ends the call early; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** What the call is for ("judge", "rubric" …): usage and cost are kept apart by it. */
  readonly purpose?: string;
}

/** Why an answer ended: by itself or at a stop text, at `maxTokens`, by a filter of the provider, or unknown. */
export type FinishReason = "stop" | "length" | "filter" | "other";

/** A token of an answer as text, its natural logprob, and the most likely tokens at its place, best first. */
export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly top: readonly { readonly token: string; readonly logprob: number }[];
}

/** One answer. */
export interface Choice {
  readonly text: string;
  readonly finishReason: FinishReason;
  /** Present where it was asked for and the model can tell. */
  readonly logprobs?: readonly TokenLogprob[];
}

/** What answers took. `costUsd` is null where no price is known; zero is a price. */
export interface Usage {
  /** Requests that reached a server; 0 for an answer out of the cache. */
  readonly calls: number;
  readonly promptTokens: number;
  /** Part of `promptTokens` that the provider read from its cache. */
  readonly cachedPromptTokens: number;
  readonly completionTokens: number;
  readonly costUsd: number | null;
}

/** Answers to one request: as many as its `n`; a bare endpoint may give fewer, and `AnswerFillingModel` asks for the rest. */
export interface Completion {
  readonly choices: readonly Choice[];
  readonly usage: Usage;
}

/**
 * Text in, text out. Endpoints, models of our engine, scripted and recorded ones implement it; cache, retries, limiter,
 * budget and meter wrap one and are one.
 */
export interface LanguageModel {
  /** Names what answers: equal ids give answers of one distribution to equal requests. Holds no secret. */
  readonly id: string;
  /**
   * Rejects with `ModelCallError` where this request gets no answer, with `ModelAccessError` where none will, and with the
   * signal's reason where it was aborted.
   */
  complete(request: CompletionRequest, options?: CallOptions): Promise<Completion>;
  /** Gives back connections and threads. */
  close?(): Promise<void>;
}

/** No usage yet. */
export const NO_USAGE: Usage = {
  calls: 0,
  promptTokens: 0,
  cachedPromptTokens: 0,
  completionTokens: 0,
  costUsd: 0,
};

/** The sum; its cost is null as soon as one of the costs is unknown. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    calls: a.calls + b.calls,
    promptTokens: a.promptTokens + b.promptTokens,
    cachedPromptTokens: a.cachedPromptTokens + b.cachedPromptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    costUsd: a.costUsd === null || b.costUsd === null ? null : a.costUsd + b.costUsd,
  };
}
