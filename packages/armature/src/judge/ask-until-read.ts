import type { FailureKind } from "../failure.ts";
import {
  addUsage,
  type CallOptions,
  type Choice,
  type CompletionRequest,
  type LanguageModel,
  NO_USAGE,
  type Usage,
} from "../llm/language-model.ts";
import { ModelCallError } from "../llm/model-call-error.ts";
import { withoutThinking } from "../llm/without-thinking.ts";
import { isRefusal } from "./refusal.ts";

/** Why a key has no value. */
export interface AnswerFailure {
  readonly kind: FailureKind;
  readonly detail: string;
}

/** Values that were read, by key, what the model wrote, and why the other keys have none (null where all have one). */
export interface Answers<V> {
  readonly values: ReadonlyMap<string, V>;
  readonly failure: AnswerFailure | null;
  readonly replies: readonly string[];
  readonly usage: Usage;
}

/** A question with several keys that are each to be answered. */
export interface Question<V> {
  readonly keys: readonly string[];
  /** Most times that the model is asked, at least 1. */
  readonly tries: number;
  /** The request for the keys still open; `attempt` counts from 0. Each attempt's request must differ, or a cache answers it. */
  request(open: readonly string[], attempt: number): CompletionRequest;
  /** What a reply says about the open keys. */
  read(choice: Choice, open: readonly string[], request: CompletionRequest): ReadonlyMap<string, V>;
}

/**
 * Asks until every key is read, each further time only for the keys still open. A failed call and a refusal end it: the
 * model's own retries are over by then. Rejects only where it was aborted.
 */
export async function askUntilRead<V>(
  model: LanguageModel,
  question: Question<V>,
  options: CallOptions = {},
): Promise<Answers<V>> {
  const values = new Map<string, V>();
  const replies: string[] = [];
  let usage = NO_USAGE;
  let open = question.keys;
  let failure: AnswerFailure | null = null;
  for (let attempt = 0; attempt < question.tries && open.length > 0; attempt++) {
    const request = question.request(open, attempt);
    const answer = await ask(model, request, options);
    if ("kind" in answer) return { values, failure: answer, replies, usage };
    usage = addUsage(usage, answer.usage);
    const { choice } = answer;
    replies.push(choice.text);
    for (const [key, value] of question.read(choice, open, request)) values.set(key, value);
    open = open.filter((key) => !values.has(key));
    failure = open.length === 0 ? null : unreadable(choice, open, attempt + 1);
    if (failure?.kind === "refusal") break;
  }
  return { values, failure, replies, usage };
}

async function ask(
  model: LanguageModel,
  request: CompletionRequest,
  options: CallOptions,
): Promise<{ readonly choice: Choice; readonly usage: Usage } | AnswerFailure> {
  try {
    const { choices, usage } = await model.complete(request, options);
    const choice = choices[0];
    if (choice === undefined) return { kind: "infrastructure", detail: `${model.id}: gave no answer` };
    return { choice, usage };
  } catch (error) {
    if (options.signal?.aborted || !ModelCallError.isInstance(error)) throw error;
    return { kind: error.kind, detail: error.message };
  }
}

function unreadable(choice: Choice, open: readonly string[], tries: number): AnswerFailure {
  const text = withoutThinking(choice.text);
  if (choice.finishReason === "filter")
    return { kind: "refusal", detail: "the provider filtered the answer" };
  if (isRefusal(text)) return { kind: "refusal", detail: `the judge declined: ${start(text)}` };
  const cut = choice.finishReason === "length" ? "cut off at the length limit; " : "";
  const asked = tries === 1 ? "" : ` after ${tries} tries`;
  return { kind: "parse", detail: `${cut}no verdict on ${open.join(", ")} in ${start(text)}${asked}` };
}

const start = (text: string): string => JSON.stringify(text.trim().slice(0, 80));
