import { lastUserTurn, type Prompt } from "../data/prompt.ts";
import { DataError } from "../errors.ts";
import { type NoteRequest, readRequest } from "./note-request.ts";
import { writtenReward } from "./policy.ts";
import { holds } from "./truth.ts";

/** What the sandbox knows of a text. */
export interface NoteTruth {
  /** The hidden reward, 0 to 7.6; null where the text is no note for the request. */
  readonly reward: number | null;
  /** Why the text is no note. */
  readonly fault: string | null;
  /** Share of the request's rules that are kept; 0 where the text is no note. */
  readonly rulesKept: number;
}

/** The request that a prompt of the sandbox states. Throws `DataError` for any other prompt. */
export function requestOf(prompt: Prompt): NoteRequest {
  const reading = readRequest(lastUserTurn(prompt));
  if (!reading.ok) throw new DataError(`prompt ${prompt.id}: no request of the sandbox: ${reading.fault}`);
  return reading.request;
}

/** The truth about a text that was written for a prompt of the sandbox. Throws `DataError` for any other prompt. */
export function noteTruth(prompt: Prompt, text: string): NoteTruth {
  const request = requestOf(prompt);
  const written = writtenReward(request, text);
  if (!written.ok) return { reward: null, fault: written.fault, rulesKept: 0 };
  const { rules } = request;
  const kept = rules.filter((rule) => holds(rule, written.note)).length;
  return { reward: written.reward, fault: null, rulesKept: kept / rules.length };
}
