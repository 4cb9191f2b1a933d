import { TinkerError } from "@armature/tinker";
import type { TextCodec } from "@armature/tinker/server";
import { renderChat } from "../tokenizer/chat-template.ts";
import { tokenText } from "../tokenizer/tokenizer.ts";
import type { ModelDescription } from "../weights/open-model.ts";

/** Text and conversations of a model as tokens, for servers that take text. */
export function modelText({
  chatTemplate,
  tokenizer,
}: Pick<ModelDescription, "chatTemplate" | "tokenizer">): TextCodec {
  const { eosTokenIds: endTokens, files } = tokenizer;
  const bos = tokenText(files.tokenizerConfig["bos_token"]);
  const eos = tokenText(files.tokenizerConfig["eos_token"]);
  return {
    encode: (text) => readable(() => tokenizer.encode(text, { specialTokens: true })),
    decode: (tokens) => tokenizer.decode(tokens, { skipSpecial: true }),
    endTokens,
    endTexts: endTokens.map((token) => tokenizer.decode([token])),
    ...(chatTemplate !== undefined && {
      encodeChat: (messages) =>
        readable(() =>
          tokenizer.encode(
            renderChat(chatTemplate, messages, {
              addGenerationPrompt: true,
              ...(bos !== undefined && { bos }),
              ...(eos !== undefined && { eos }),
            }),
          ),
        ),
    }),
  };
}

/** A text that the tokenizer or the template refuses is its sender's fault. */
function readable<T>(encode: () => T): T {
  try {
    return encode();
  } catch (error) {
    throw new TinkerError("user", (error as Error).message, { cause: error });
  }
}
