import type { SampledSequence } from "../sampling.ts";
import type { TextCodec } from "./training-backend.ts";

/** One completion as a text. */
export interface Choice {
  readonly text: string;
  readonly finishReason: "stop" | "length";
  /** The tokens that make up the text, each with its own text and its logprob. */
  readonly tokens: readonly ChosenToken[];
}

/** A token as a text, with its logprob. */
interface TokenText {
  readonly text: string;
  readonly logprob: number;
}

/** One token of a completion, and the most likely ones at its place where they were asked for. */
interface ChosenToken extends TokenText {
  readonly top: readonly TokenText[];
}

/** Reads a completion: end tokens are left out, and the text ends before the first stop string. */
export function readChoice(
  { tokens, logprobs, stopReason, topLogprobs }: SampledSequence,
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
    const top = (topLogprobs?.[i] ?? []).map((alternative) => ({
      text: textAfter(tokens.subarray(Math.max(0, i - 1), i), alternative.token, codec),
      logprob: alternative.logprob,
    }));
    chosen.push({ text: through.slice(before.length), logprob: logprobs[i]!, top });
    before = through;
  }
  return { text, finishReason: stopReason, tokens: chosen };
}

/** What a token would add to the text; an end token is spelt out. */
function textAfter(before: Int32Array, token: number, codec: TextCodec): string {
  const end = codec.endTokens.indexOf(token);
  if (end >= 0) return codec.endTexts[end]!;
  return codec.decode([...before, token]).slice(codec.decode(before).length);
}

/** `logprobs` of a choice of `/v1/chat/completions`. */
export function chatLogprobs({ tokens }: Choice): object {
  const entry = ({ logprob, text }: TokenText) => ({
    token: text,
    logprob,
    bytes: [...Buffer.from(text)],
  });
  const content = tokens.map((token) => ({ ...entry(token), top_logprobs: token.top.map(entry) }));
  return { content, refusal: null };
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
    top_logprobs: tokens.map(({ top }) =>
      Object.fromEntries(top.map(({ logprob, text }) => [text, logprob] as const)),
    ),
    text_offset: offsets,
  };
}
