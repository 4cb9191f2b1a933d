import type { SeededStream } from "@armature/engine";
import {
  RECIPIENTS,
  type Recipient,
  RULE_NAMES,
  RULES,
  type Rule,
  TOPIC_NAMES,
  type Topic,
} from "./lexicon.ts";

/** What is asked of a writer: a note to someone about something, under one or two explicit rules. */
export interface NoteRequest {
  readonly recipient: Recipient;
  readonly topic: Topic;
  /** Distinct, in the order in which the request states them. */
  readonly rules: readonly Rule[];
}

/** A request, or why a text is none. */
export type RequestReading =
  | { readonly ok: true; readonly request: NoteRequest }
  | { readonly ok: false; readonly fault: string };

/** A uniformly drawn request with one or two rules. */
export function randomRequest(stream: SeededStream): NoteRequest {
  return {
    recipient: stream.pick(RECIPIENTS),
    topic: stream.pick(TOPIC_NAMES),
    rules: stream.sample(RULE_NAMES, 1 + stream.below(2)),
  };
}

/** `write to the coach about the big game . give a time .` */
export function writeRequest(request: NoteRequest): string {
  const demands = request.rules.map((rule) => ` ${RULES[rule].demand} .`);
  return `write to the ${request.recipient} about the ${request.topic} .${demands.join("")}`;
}

/** Reads what `writeRequest` writes; the fault names the first sentence that does not fit. */
export function readRequest(text: string): RequestReading {
  const [opening = "", ...demands] = text.trim().split(/\s+\.(?:\s+|$)/);
  const [, recipient, topic] = /^write to the (\S+) about the (.+)$/.exec(opening) ?? [];
  if (demands.pop() !== "") return { ok: false, fault: "a request ends with a full stop" };
  if (!isOneOf(RECIPIENTS, recipient) || !isOneOf(TOPIC_NAMES, topic)) {
    return { ok: false, fault: `unknown opening "${opening}"` };
  }
  const rules: Rule[] = [];
  for (const demand of demands) {
    const rule = RULE_NAMES.find((name) => RULES[name].demand === demand);
    if (rule === undefined) return { ok: false, fault: `unknown demand "${demand}"` };
    if (rules.includes(rule)) return { ok: false, fault: `demand "${demand}" is repeated` };
    rules.push(rule);
  }
  return { ok: true, request: { recipient, topic, rules } };
}

function isOneOf<T extends string>(names: readonly T[], word: string | undefined): word is T {
  return names.some((name) => name === word);
}
