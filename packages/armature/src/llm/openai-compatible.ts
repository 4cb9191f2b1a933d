import { contentId } from "../data/content-id.ts";
import { ConfigError } from "../errors.ts";
import { readChatCompletion } from "./chat-completion-reply.ts";
import { connectionError, type EndpointIdentity, statusFault, unreadableReply } from "./endpoint-fault.ts";
import { ConnectionFault, JsonPost } from "./json-post.ts";
import type { CallOptions, Completion, CompletionRequest, LanguageModel } from "./language-model.ts";
import { ModelCallError } from "./model-call-error.ts";
import { estimatedUsage } from "./token-estimate.ts";

/** A model behind an endpoint that speaks OpenAI's chat completions: vLLM, SGLang, llama.cpp, Ollama, OpenAI, OpenRouter … */
export interface OpenAICompatibleSettings {
  /** Up to and without `/chat/completions`, for instance `http://127.0.0.1:8000/v1`. */
  readonly baseUrl: string;
  /** The endpoint's name for the model. */
  readonly model: string;
  /** Sent to this address only. */
  readonly apiKey?: string | undefined;
  /** Header that holds the bare key, `api-key` at Azure; by default it is the bearer token of `authorization`. */
  readonly apiKeyHeader?: string | undefined;
  /** How messages call the key, for instance the variable that holds it; never the key. */
  readonly apiKeyName?: string | undefined;
  /** Names the model in caches; by default made of model, address and what else changes answers. */
  readonly id?: string | undefined;
  /** Further fields of the request body, put over ours; null takes a field out (`{temperature: null}`). */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
  /** How `responseSchema` is sent. Default `none`: many servers answer an unknown field with an error. */
  readonly responseFormat?: "none" | "json_object" | "json_schema" | undefined;
  /** Name of the field for the longest answer; reasoning models of OpenAI want `max_completion_tokens`. */
  readonly maxTokensField?: "max_tokens" | "max_completion_tokens" | undefined;
  /** Most connections. Default 256; a limiter above it should be the tighter bound. */
  readonly connections?: number | undefined;
}

/**
 * One request to the endpoint for each call. It may answer fewer than `n` choices, as servers without `n` do:
 * `answerFillingModel` asks for the rest. It waits as long as the server does: `deadlineModel` sets a limit. Failures are
 * `ModelCallError`s by class; a redirect is one of them, so the key never reaches another host. Where a server does not
 * tell the usage, tokens are estimated from the length of the texts.
 */
export class OpenAICompatibleModel implements LanguageModel {
  readonly id: string;
  readonly #settings: OpenAICompatibleSettings;
  readonly #post: JsonPost;
  readonly #who: EndpointIdentity;

  constructor(settings: OpenAICompatibleSettings) {
    const url = completionsUrl(settings.baseUrl);
    const { apiKey, apiKeyName, apiKeyHeader, connections = 256 } = settings;
    this.#settings = settings;
    this.id = settings.id ?? defaultId(settings, url);
    this.#who = { id: this.id, secret: apiKey, secretName: apiKeyName };
    this.#post = new JsonPost(url, keyHeader(apiKey, apiKeyHeader), connections);
  }

  async complete(request: CompletionRequest, { signal }: CallOptions = {}): Promise<Completion> {
    const reply = await this.#post
      .send(requestBody(request, this.#settings), signal)
      .catch((error: unknown) => {
        throw error instanceof ConnectionFault ? connectionError(error, this.#who) : error;
      });
    if (reply.status < 200 || reply.status >= 300) throw statusFault(reply, this.#who);
    const body = parsed(reply.body);
    if (body === undefined) throw unreadableReply("the reply is not JSON", this.#who);
    const error = (body as { error?: unknown } | null)?.error;
    // Gateways pass a model's failure on under status 200.
    if (error) throw statusFault({ ...reply, status: statusIn(error) }, this.#who);
    const reading = readChatCompletion(body);
    if (!reading.ok) throw unreadableReply(reading.fault, this.#who);
    const choices = reading.choices.slice(0, request.n ?? 1);
    const usage = reading.usage ?? estimatedUsage(request, choices);
    if (choices.every(({ text, finishReason }) => text === "" && finishReason === "filter")) {
      const said = reading.refusal === null ? "" : ` (${reading.refusal.slice(0, 200)})`;
      throw new ModelCallError(
        `${this.id}: refused to answer${said}; change the prompt or ask another model`,
        {
          kind: "refusal",
          retryable: false,
          usage,
        },
      );
    }
    return { choices, usage };
  }

  close(): Promise<void> {
    return this.#post.close();
  }
}

function completionsUrl(baseUrl: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new ConfigError(`${baseUrl}: is no address of an endpoint; write it like http://127.0.0.1:8000/v1`);
  if (url.username !== "" || url.password !== "")
    throw new ConfigError(
      `${url.host}: the address holds a password; name the variable with the key instead`,
    );
  url.hash = "";
  url.pathname = `${url.pathname.replace(/\/+$/, "").replace(/\/chat\/completions$/, "")}/chat/completions`;
  return url;
}

function keyHeader(key: string | undefined, header: string | undefined): Record<string, string> {
  if (key === undefined) return {};
  return header === undefined ? { authorization: `Bearer ${key}` } : { [header]: key };
}

function defaultId({ model, body, responseFormat }: OpenAICompatibleSettings, url: URL): string {
  const where = `${url.host}${url.pathname.replace(/\/chat\/completions$/, "")}`;
  const changed = body !== undefined || (responseFormat ?? "none") !== "none";
  return `${model}@${where}${changed ? `+${contentId([body ?? {}, responseFormat ?? "none"])}` : ""}`;
}

function requestBody(request: CompletionRequest, settings: OpenAICompatibleSettings): string {
  const { messages, maxTokens, temperature, topP, n, stop, seed, topLogprobs, responseSchema } = request;
  const { model, body, responseFormat = "none", maxTokensField = "max_tokens" } = settings;
  const ours: Record<string, unknown> = { model, messages, [maxTokensField]: maxTokens, temperature };
  if (topP !== undefined) ours["top_p"] = topP;
  if (n !== undefined && n > 1) ours["n"] = n;
  if (stop !== undefined && stop.length > 0) ours["stop"] = stop;
  if (seed !== undefined) ours["seed"] = seed;
  if (topLogprobs !== undefined) {
    ours["logprobs"] = true;
    if (topLogprobs > 0) ours["top_logprobs"] = topLogprobs;
  }
  if (responseSchema !== undefined && responseFormat !== "none") {
    ours["response_format"] =
      responseFormat === "json_object"
        ? { type: "json_object" }
        : { type: "json_schema", json_schema: { ...responseSchema, strict: true } };
  }
  if (body !== undefined) {
    for (const [key, value] of Object.entries(body)) {
      if (value === null) delete ours[key];
      else ours[key] = value;
    }
  }
  return JSON.stringify(ours);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The status that an error object names, else "bad gateway". */
function statusIn(error: unknown): number {
  const { code, status } = error as { code?: unknown; status?: unknown };
  const named = Number(code ?? status);
  return Number.isInteger(named) && named >= 400 && named < 600 ? named : 502;
}
