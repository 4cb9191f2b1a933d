import type { SeededStream } from "@armature/engine";
import {
  ATTRIBUTE_NAMES,
  ATTRIBUTES,
  type Attribute,
  ELEMENTS,
  type Element,
  RULES,
  type Rule,
  TOPIC_NAMES,
  TOPICS,
  type Topic,
} from "./lexicon.ts";
import type { NoteRequest } from "./note-request.ts";

/** A short note: an optional greeting, the topic's sentence, phrases in any order, an optional question. */
export interface Note {
  readonly topic: Topic;
  readonly greeting?: string;
  readonly phrases: readonly string[];
  readonly question?: string;
}

/** A note, or why a text is none. */
export type NoteReading =
  | { readonly ok: true; readonly note: Note }
  | { readonly ok: false; readonly fault: string };

/** How a writer fills a note where no rule decides: the chance of each element, and the number of attributes shown. */
export interface WritingHabits {
  readonly elements: Readonly<Record<Element, number>>;
  /** Chances of 0, 1, 2 and 3 attributes; they sum to 1. */
  readonly attributeCounts: readonly number[];
  /** What the attributes are drawn from, at least three; default all of them. */
  readonly attributes?: readonly Attribute[];
}

/** Of the writers whose notes make up the world's pairs. */
export const WRITING_HABITS: WritingHabits = {
  elements: { greeting: 0.3, question: 0.25, time: 0.2, place: 0.2, money: 0.15 },
  attributeCounts: [0.15, 0.35, 0.3, 0.2],
};

/** More attributes than this make a text no note, so that nothing is won by saying everything. */
const MOST_ATTRIBUTES = 3;

const MIDDLE_ELEMENTS = ["time", "place", "money"] as const;

const MEANING: ReadonlyMap<string, Element | Attribute> = new Map([
  ...MIDDLE_ELEMENTS.flatMap((name) => ELEMENTS[name].map((phrase) => [phrase as string, name] as const)),
  ...ATTRIBUTE_NAMES.flatMap((name) => ATTRIBUTES[name].map((phrase) => [phrase as string, name] as const)),
]);

/** True where the note shows an element or attribute. */
export function shows(note: Note, what: Element | Attribute): boolean {
  if (what === "greeting") return note.greeting !== undefined;
  if (what === "question") return note.question !== undefined;
  return note.phrases.some((phrase) => MEANING.get(phrase) === what);
}

/** A note that keeps every rule of the request, except `broken`. */
export function randomNote(
  stream: SeededStream,
  request: NoteRequest,
  broken?: Rule,
  habits: WritingHabits = WRITING_HABITS,
): Note {
  const wanted = (element: Element) => {
    const rule = request.rules.find((name) => RULES[name].element === element);
    return rule === undefined
      ? stream.chance(habits.elements[element])
      : RULES[rule].present === (rule !== broken);
  };
  const attributes = stream.sample(
    habits.attributes ?? ATTRIBUTE_NAMES,
    drawCount(stream, habits.attributeCounts),
  );
  const phrases = [
    ...attributes.map((name) => stream.pick<string>(ATTRIBUTES[name])),
    ...MIDDLE_ELEMENTS.filter(wanted).map((name) => stream.pick<string>(ELEMENTS[name])),
  ];
  return {
    topic: request.topic,
    ...(wanted("greeting") ? { greeting: stream.pick(ELEMENTS.greeting) } : {}),
    phrases: stream.shuffled(phrases),
    ...(wanted("question") ? { question: stream.pick(ELEMENTS.question) } : {}),
  };
}

/** `hello , the game is big . kindly reply . in the hall . is that fine ?` */
export function writeNote(note: Note): string {
  const sentences = [TOPICS[note.topic], ...note.phrases].map((sentence) => `${sentence} .`);
  return [note.greeting, ...sentences, note.question].filter((part) => part !== undefined).join(" ");
}

/** Reads what `writeNote` writes: known phrases only, nothing said twice, at most `MOST_ATTRIBUTES` attributes. */
export function readNote(text: string): NoteReading {
  const words = text.trim().split(/\s+/).join(" ");
  const greeting = ELEMENTS.greeting.find((phrase) => words.startsWith(`${phrase} `));
  const question = ELEMENTS.question.find((phrase) => words.endsWith(` ${phrase}`));
  const middle = words.slice(
    greeting === undefined ? 0 : greeting.length + 1,
    question === undefined ? undefined : words.length - question.length - 1,
  );
  if (!middle.endsWith(" .")) return { ok: false, fault: "the last sentence is not closed" };
  const [opening = "", ...phrases] = middle.slice(0, -2).split(" . ");
  const topic = TOPIC_NAMES.find((name) => TOPICS[name] === opening);
  if (topic === undefined) return { ok: false, fault: `"${opening}" opens no topic` };
  const meanings = phrases.map((phrase) => MEANING.get(phrase));
  const unknown = meanings.indexOf(undefined);
  if (unknown >= 0) return { ok: false, fault: `unknown phrase "${phrases[unknown]}"` };
  const repeated = meanings.find((meaning, i) => meanings.indexOf(meaning) < i);
  if (repeated !== undefined) return { ok: false, fault: `${repeated} is said twice` };
  if (meanings.filter((meaning) => meaning! in ATTRIBUTES).length > MOST_ATTRIBUTES) {
    return { ok: false, fault: `more than ${MOST_ATTRIBUTES} attributes` };
  }
  return {
    ok: true,
    note: {
      topic,
      ...(greeting === undefined ? {} : { greeting }),
      phrases,
      ...(question === undefined ? {} : { question }),
    },
  };
}

function drawCount(stream: SeededStream, chances: readonly number[]): number {
  let left = stream.next();
  for (const [count, chance] of chances.entries()) {
    left -= chance;
    if (left < 0) return count;
  }
  return chances.length - 1;
}
