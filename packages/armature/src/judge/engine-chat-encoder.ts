import { type ModelDescription, renderChat } from "@armature/engine";
import { ModelError } from "../errors.ts";
import type { ChatEncoder } from "./paper-dialect.ts";

/**
 * Tokenizer and chat template of a loaded model as the dialects use them. Special tokens that stand as text in a message
 * (a response that writes "<|im_end|>") are broken up, or a response could end its own turn and speak for the judge.
 * Throws `ModelError` for a model without a chat template.
 */
export function chatEncoder(
  model: Pick<ModelDescription, "tokenizer" | "chatTemplate" | "source">,
): ChatEncoder {
  const { tokenizer, chatTemplate, source } = model;
  if (chatTemplate === undefined)
    throw new ModelError(`${source.path}: has no chat template; use an instruction-tuned model`);
  const special = specialTokens(tokenizer.files.tokenizerJson);
  const text = (config: unknown) => (typeof config === "string" ? config : undefined);
  const bos = text(tokenizer.files.tokenizerConfig["bos_token"]);
  const eos = text(tokenizer.files.tokenizerConfig["eos_token"]);
  return {
    encodeChat: (messages, { addGenerationPrompt }) =>
      tokenizer.encode(
        renderChat(
          chatTemplate,
          messages.map(({ role, content }) => ({ role, content: broken(content, special) })),
          {
            addGenerationPrompt,
            variables: { enable_thinking: false },
            ...(bos !== undefined && { bos }),
            ...(eos !== undefined && { eos }),
          },
        ),
      ),
    encode: (plain) => tokenizer.encode(broken(plain, special)),
    decode: (tokens) => tokenizer.decode(tokens, { skipSpecial: true }),
    eosTokens: tokenizer.eosTokenIds,
  };
}

function specialTokens(tokenizerJson: Readonly<Record<string, unknown>>): readonly string[] {
  const added = tokenizerJson["added_tokens"];
  if (!Array.isArray(added)) return [];
  return added.flatMap((token: { content?: unknown; special?: unknown }) =>
    token.special === true && typeof token.content === "string" ? [token.content] : [],
  );
}

/** A word joiner (U+2060) after the first character keeps the text readable and the token unmade. */
function broken(text: string, special: readonly string[]): string {
  return special.reduce(
    (safe, token) =>
      safe.includes(token) ? safe.replaceAll(token, `${token[0]}\u2060${token.slice(1)}`) : safe,
    text,
  );
}
