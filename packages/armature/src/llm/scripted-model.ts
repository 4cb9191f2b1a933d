import type { CallOptions, Choice, Completion, CompletionRequest, LanguageModel } from "./language-model.ts";
import { ModelCallError } from "./model-call-error.ts";

/** What a scripted model answers: a text, a whole choice, or an error to throw. */
export type ScriptedReply = string | Choice | Error;

/**
 * Where the replies come from. A list is used up in order, one entry for each answer; a map is looked up by the text of the
 * last message; a function is asked for each answer of a request (`index` counts them from 0).
 */
export type Script =
  | readonly ScriptedReply[]
  | ReadonlyMap<string, ScriptedReply>
  | ((
      request: CompletionRequest,
      index: number,
      options: CallOptions,
    ) => ScriptedReply | Promise<ScriptedReply>);

/** A request as a scripted model saw it. */
export interface ScriptedCall {
  readonly request: CompletionRequest;
  readonly options: CallOptions;
}

/**
 * A model that says what a script tells it to, for tests and for dry runs; it keeps every request in `calls`. Throws
 * `ModelCallError` (not retryable) where the script has no reply.
 */
export class ScriptedModel implements LanguageModel {
  readonly id: string;
  readonly calls: ScriptedCall[] = [];
  readonly #script: Script;
  #used = 0;

  constructor(script: Script, id = "scripted") {
    this.#script = script;
    this.id = id;
  }

  async complete(request: CompletionRequest, options: CallOptions = {}): Promise<Completion> {
    options.signal?.throwIfAborted();
    this.calls.push({ request, options });
    const choices: Choice[] = [];
    for (let index = 0; index < (request.n ?? 1); index++) {
      const reply = await this.#reply(request, index, options);
      options.signal?.throwIfAborted();
      if (reply instanceof Error) throw reply;
      choices.push(typeof reply === "string" ? { text: reply, finishReason: "stop" } : reply);
    }
    return {
      choices,
      usage: {
        calls: 1,
        promptTokens: words(request.messages.map(({ content }) => content).join(" ")),
        cachedPromptTokens: 0,
        completionTokens: choices.reduce((sum, { text }) => sum + words(text), 0),
        costUsd: 0,
      },
    };
  }

  async #reply(request: CompletionRequest, index: number, options: CallOptions): Promise<ScriptedReply> {
    const script = this.#script;
    if (typeof script === "function") return script(request, index, options);
    const asked = request.messages.at(-1)?.content ?? "";
    const reply = isMap(script) ? script.get(asked) : script[this.#used++];
    if (reply !== undefined) return reply;
    const what = isMap(script) ? `no reply to ${JSON.stringify(asked.slice(0, 80))}` : "no reply left";
    throw new ModelCallError(`${this.id}: the script has ${what}; add one`, {
      kind: "infrastructure",
      retryable: false,
    });
  }
}

const isMap = (script: Script): script is ReadonlyMap<string, ScriptedReply> => script instanceof Map;

/** A scripted model counts words where a real one counts tokens. */
const words = (text: string): number => text.split(/\s+/).filter((word) => word !== "").length;
