import type { LanguageModel } from "./language-model.ts";

/**
 * A model whose calls, once begun, are waited for although they were aborted: their answers are paid for and belong into the
 * cache. An abort still keeps every further call from being made.
 */
export function finishingCalls(model: LanguageModel): LanguageModel {
  return {
    id: model.id,
    async complete(request, { signal, ...options } = {}) {
      signal?.throwIfAborted();
      return model.complete(request, options);
    },
    ...(model.close !== undefined && { close: () => model.close!() }),
  };
}
