import type { Message } from "../data/prompt.ts";
import { ConfigError } from "../errors.ts";
import type { FailureKind } from "../failure.ts";
import { isRefusal } from "../judge/refusal.ts";
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
import type { RubricReading, RubricWriting } from "./rubric-writer.ts";

/** Who is asked for a rubric and how. */
export interface WriterSettings {
  readonly model: LanguageModel;
  /** Longest reply in tokens; each method has its own default. */
  readonly maxTokens?: number;
  /** 0 (default) is greedy. */
  readonly temperature?: number;
  /** How often a reply that cannot be read is asked for again; default 2, as in the released code of Chasing the Tail. */
  readonly furtherTries?: number;
  readonly seed?: number;
}

const FURTHER_TRIES = 2;

/** A question to a writer and how its reply is read. */
export interface RubricQuestion {
  readonly text: string;
  readonly maxTokens: number;
  readonly responseSchema?: NonNullable<CompletionRequest["responseSchema"]>;
  read(reply: string): RubricReading;
}

/**
 * Asks until a reply can be read, at most `1 + furtherTries` times. A further try shows the model its reply and the fault: at
 * temperature 0 the bare question would only bring the same reply again. A refusal ends it.
 */
export async function askForRubric(
  { model, temperature = 0, furtherTries = FURTHER_TRIES, seed, maxTokens }: WriterSettings,
  question: RubricQuestion,
  options: CallOptions = {},
): Promise<RubricWriting> {
  checkAsking(furtherTries, temperature);
  const replies: string[] = [];
  const faults: string[] = [];
  let usage = NO_USAGE;
  let messages: readonly Message[] = [{ role: "user", content: question.text }];
  const failed = (kind: FailureKind, detail: string): RubricWriting => {
    return { status: "failed", kind, detail, replies, faults, repairs: [], usage };
  };
  for (;;) {
    const { choice, failure, ...asked } = await ask(
      model,
      {
        messages,
        maxTokens: maxTokens ?? question.maxTokens,
        temperature,
        ...(seed !== undefined && { seed }),
        ...(question.responseSchema !== undefined && { responseSchema: question.responseSchema }),
      },
      { purpose: "rubric", ...options },
    );
    usage = addUsage(usage, asked.usage);
    // A reply that is shown again may not fit any more; what could not be read is the reason all the same.
    if (failure?.kind === "context" && faults.length > 0) return failed("parse", faults.at(-1)!);
    if (failure !== undefined) return failed(failure.kind, failure.message);
    replies.push(choice.text);
    if (choice.finishReason === "filter") return failed("refusal", "the provider filtered the reply");
    const reading = question.read(choice.text);
    if (reading.ok) {
      const { rubric, repairs } = reading;
      return { status: "written", rubric, replies, faults, repairs, usage };
    }
    const cutOff = choice.finishReason === "length" ? "cut-off: at the length limit; " : "";
    const fault = `${cutOff}${reading.fault}`;
    faults.push(fault);
    if (isRefusal(withoutThinking(choice.text))) return failed("refusal", fault);
    if (replies.length > furtherTries) return failed("parse", fault);
    messages = askedAgain(question.text, choice.text, fault);
  }
}

type Asked =
  | { readonly choice: Choice; readonly failure?: never; readonly usage: Usage }
  | { readonly choice?: never; readonly failure: ModelCallError; readonly usage: Usage };

async function ask(model: LanguageModel, request: CompletionRequest, options: CallOptions): Promise<Asked> {
  try {
    const { choices, usage } = await model.complete(request, options);
    return { choice: choices[0] ?? { text: "", finishReason: "other" }, usage };
  } catch (error) {
    if (options.signal?.aborted || !ModelCallError.isInstance(error)) throw error;
    return { failure: error, usage: NO_USAGE };
  }
}

function askedAgain(question: string, reply: string, fault: string): Message[] {
  const shown = withoutThinking(reply);
  const again = `Your answer could not be used (${fault}). Give the whole answer again in exactly the form that was asked for, and nothing else.`;
  // Servers refuse an empty turn of the assistant, and an answer that was all thinking is not worth showing.
  if (shown === "") return [{ role: "user", content: `${question}\n\n${again}` }];
  return [
    { role: "user", content: question },
    { role: "assistant", content: shown },
    { role: "user", content: again },
  ];
}

function checkAsking(furtherTries: number, temperature: number): void {
  if (!Number.isInteger(furtherTries) || furtherTries < 0)
    throw new ConfigError(`furtherTries is ${furtherTries}; give a whole number of at least 0`);
  if (!(temperature >= 0)) throw new ConfigError(`temperature is ${temperature}; give 0 or more`);
}
