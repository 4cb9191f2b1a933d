import type { Choice, FinishReason, TokenLogprob, Usage } from "./language-model.ts";

/** A reply of the chat completions API as far as it is needed, or what is wrong with it. */
export type ChatCompletionReading =
  | {
      readonly ok: true;
      /** Answers in the server's order of `index`; those that were refused have no text and finish reason `filter`. */
      readonly choices: readonly Choice[];
      /** Null where the server does not say. */
      readonly usage: Usage | null;
      /** What a model said in place of an answer, where it declined. */
      readonly refusal: string | null;
    }
  | { readonly ok: false; readonly fault: string };

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Reads leniently: everything that is not needed may be absent, null or of another shape. Written by hand because a schema
 * library took a third of the time of a call to a local server.
 */
export function readChatCompletion(body: unknown): ChatCompletionReading {
  if (!isObject(body)) return { ok: false, fault: "the reply is no JSON object" };
  const listed = body["choices"];
  if (!Array.isArray(listed) || listed.length === 0) return { ok: false, fault: "the reply has no choices" };
  const choices: Choice[] = [];
  let refusal: string | null = null;
  const ordered = listed.every((choice) => typeof choice?.index === "number")
    ? listed.toSorted((a, b) => a.index - b.index)
    : listed;
  for (const choice of ordered) {
    const message: unknown = isObject(choice) ? choice["message"] : undefined;
    if (!isObject(message)) return { ok: false, fault: "a choice of the reply has no message" };
    const text = textOf(message["content"]);
    const declined = text === "" ? textOf(message["refusal"]) : "";
    if (declined !== "") refusal = declined;
    const logprobs = tokenLogprobs((choice as Json)["logprobs"]);
    choices.push({
      text,
      finishReason: declined !== "" ? "filter" : finishReason((choice as Json)["finish_reason"]),
      ...(logprobs !== undefined && { logprobs }),
    });
  }
  return { ok: true, choices, usage: usageOf(body["usage"]), refusal };
}

/** Content is a text, null, or a list of parts of which those with text count. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part: unknown) => {
      if (typeof part === "string") return part;
      return isObject(part) && typeof part["text"] === "string" && part["type"] !== "reasoning"
        ? part["text"]
        : "";
    })
    .join("");
}

const FINISH: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  eos: "stop",
  eos_token: "stop",
  end_turn: "stop",
  stop_sequence: "stop",
  length: "length",
  max_tokens: "length",
  content_filter: "filter",
  refusal: "filter",
};

const finishReason = (reason: unknown): FinishReason =>
  typeof reason === "string" ? (FINISH[reason.toLowerCase()] ?? "other") : "other";

function usageOf(usage: unknown): Usage | null {
  if (!isObject(usage)) return null;
  const promptTokens = count(usage["prompt_tokens"]);
  const completionTokens = count(usage["completion_tokens"]);
  if (promptTokens === null || completionTokens === null) return null;
  const details = usage["prompt_tokens_details"];
  const cached = isObject(details) ? details["cached_tokens"] : usage["prompt_cache_hit_tokens"];
  const cost = usage["cost"];
  return {
    calls: 1,
    promptTokens,
    cachedPromptTokens: Math.min(count(cached) ?? 0, promptTokens),
    completionTokens,
    costUsd: typeof cost === "number" && Number.isFinite(cost) && cost >= 0 ? cost : null,
  };
}

const count = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;

/** `logprobs.content` of chat completions, or the lists of the older completions API that some servers keep. */
function tokenLogprobs(logprobs: unknown): TokenLogprob[] | undefined {
  if (!isObject(logprobs)) return undefined;
  const { content, tokens, token_logprobs: values, top_logprobs: tops } = logprobs;
  if (Array.isArray(content)) {
    return content.flatMap((item: unknown) => {
      const token = tokenOf(item);
      if (token === null) return [];
      const top: unknown = (item as Json)["top_logprobs"];
      return [{ ...token, top: Array.isArray(top) ? ranked(top.map(tokenOf)) : [] }];
    });
  }
  if (!Array.isArray(tokens) || !Array.isArray(values)) return undefined;
  return tokens.flatMap((token: unknown, i) => {
    const logprob: unknown = values[i];
    if (typeof token !== "string" || typeof logprob !== "number") return [];
    const top: unknown = Array.isArray(tops) ? tops[i] : undefined;
    const entries = isObject(top) ? Object.entries(top) : [];
    return [{ token, logprob, top: ranked(entries.map(([token, logprob]) => tokenOf({ token, logprob }))) }];
  });
}

type RankedToken = TokenLogprob["top"][number];

function tokenOf(item: unknown): RankedToken | null {
  if (!isObject(item)) return null;
  const { token, logprob } = item;
  return typeof token === "string" && typeof logprob === "number" ? { token, logprob } : null;
}

const ranked = (tokens: readonly (RankedToken | null)[]): RankedToken[] =>
  tokens.filter((token) => token !== null).sort((a, b) => b.logprob - a.logprob);
