import type {
  CallOptions,
  Choice,
  Completion,
  CompletionRequest,
  LanguageModel,
  TokenLogprob,
} from "./language-model.ts";
import { withoutThinking } from "./without-thinking.ts";

/** Removes what a model thought aloud in `<think>` blocks from its answers, and their tokens from the logprobs. */
export class ThinkStrippingModel implements LanguageModel {
  readonly id: string;
  readonly #model: LanguageModel;

  constructor(model: LanguageModel) {
    this.id = model.id;
    this.#model = model;
  }

  async complete(request: CompletionRequest, options: CallOptions = {}): Promise<Completion> {
    const { choices, usage } = await this.#model.complete(request, options);
    return { choices: choices.map(strippedChoice), usage };
  }

  async close(): Promise<void> {
    await this.#model.close?.();
  }
}

function strippedChoice(choice: Choice): Choice {
  const text = withoutThinking(choice.text);
  if (text === choice.text) return choice;
  if (choice.logprobs === undefined) return { ...choice, text };
  return { ...choice, text, logprobs: lastTokens(choice.logprobs, text) };
}

/** The last tokens that together cover the text; thinking comes before the answer. */
function lastTokens(tokens: readonly TokenLogprob[], text: string): readonly TokenLogprob[] {
  let from = tokens.length;
  for (let covered = 0; from > 0 && covered < text.length; covered += tokens[from]!.token.length) from--;
  return tokens.slice(from);
}
