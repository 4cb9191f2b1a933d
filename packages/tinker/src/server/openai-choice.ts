import type { SampledSequence } from "../sampling.ts";
import type { TextCodec } from "./training-backend.ts";

/** One completion as a text. */
export interface Choice {
  readonly text: string;
  readonly finishReason: "stop" | "length";
  /** The tokens that make up the text, each with its own text and its logprob. */
  readonly tokens: readonly ChosenToken[];
}

/** One token of a completion. */
export interface ChosenToken {
  readonly text: string;
  readonly logprob: number;
}

/** Reads a completion: end tokens are left out, and the text ends before the first stop string. */
export function readChoice(
  { tokens, logprobs, stopReason }: SampledSequence,
  codec: TextCodec,
  stop: readonly string[],
): Choice {
  const whole = codec.decode(tokens);
  const at = Math.min(...stop.map((text) => whole.indexOf(text)).filter((index) => index >= 0), whole.length);
  const text = whole.slice(0, at);
  const chosen: ChosenToken[] = [];
  let before = "";
  for (const [i, token] of tokens.entries()) {
    if (codec.endTokens.includes(token) || before.length >= text.length) break;
    // A token's text depends on its place: many tokenizers drop a space at the start.
    const through = codec.decode(tokens.subarray(0, i + 1));
    chosen.push({ text: through.slice(before.length), logprob: logprobs[i]! });
    before = through;
  }
  return { text, finishReason: stopReason, tokens: chosen };
}

/** `logprobs` of a choice of `/v1/chat/completions`. */
export function chatLogprobs({ tokens }: Choice): object {
  return {
    content: tokens.map(({ text, logprob }) => ({
      token: text,
      logprob,
      bytes: [...Buffer.from(text)],
      top_logprobs: [],
    })),
    refusal: null,
  };
}

/** `logprobs` of a choice of `/v1/completions`. */
export function completionLogprobs({ tokens }: Choice): object {
  let offset = 0;
  const offsets = tokens.map(({ text }) => {
    offset += text.length;
    return offset - text.length;
  });
  return {
    tokens: tokens.map(({ text }) => text),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: null,
    text_offset: offsets,
  };
}
