import { contentId } from "../data/content-id.ts";
import type { CompletionRequest } from "./language-model.ts";

/** Names a question to a model by content: requests that mean the same have one key, whatever defaults they spell out. */
export function requestKey(modelId: string, request: CompletionRequest): string {
  const { messages, maxTokens, temperature, topP, n, stop, seed, topLogprobs, among, responseSchema } =
    request;
  return contentId([
    modelId,
    messages.map(({ role, content }) => [role, content]),
    [maxTokens, temperature, topP ?? 1, n ?? 1, stop ?? [], seed ?? null, topLogprobs ?? null, among ?? null],
    responseSchema === undefined ? null : [responseSchema.name, responseSchema.schema],
  ]);
}
