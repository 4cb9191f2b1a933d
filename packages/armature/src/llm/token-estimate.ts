import type { Choice, CompletionRequest, Usage } from "./language-model.ts";

/** Marks around a message in the usual chat templates, generously; and what a template may add by itself. */
const TOKENS_PER_MESSAGE = 16;
const TOKENS_PER_PROMPT = 64;

/** About how many tokens texts have: a token of English is four bytes. */
function estimatedTokens(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Math.ceil(Buffer.byteLength(text) / 4), 0);
}

/** Usage of a call whose server does not tell it. */
export function estimatedUsage({ messages }: CompletionRequest, choices: readonly Choice[]): Usage {
  return {
    calls: 1,
    promptTokens: estimatedTokens(messages.map(({ content }) => content)),
    cachedPromptTokens: 0,
    completionTokens: estimatedTokens(choices.map(({ text }) => text)),
    costUsd: null,
  };
}

/** Tokens that a request takes from a limit of tokens a minute, as servers count them: prompt and longest answers. */
export function expectedTokens({ messages, maxTokens, n = 1 }: CompletionRequest): number {
  return estimatedTokens(messages.map(({ content }) => content)) + n * maxTokens;
}

/** Most tokens that a request can take: byte-level tokens are at least a byte long. */
export function mostTokens({ messages, maxTokens, n = 1 }: CompletionRequest): {
  readonly prompt: number;
  readonly completion: number;
} {
  const bytes = messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
  return {
    prompt: bytes + messages.length * TOKENS_PER_MESSAGE + TOKENS_PER_PROMPT,
    completion: n * maxTokens,
  };
}
