import type { SeededStream } from "@armature/engine";
import { type Lesson, lesson } from "./lessons.ts";
import { ATTRIBUTES } from "./lexicon.ts";
import { nanoWriter } from "./nano-dialect.ts";
import { idOf } from "./nano-vocabulary.ts";
import { type Note, randomNote, readNote, WRITING_HABITS, writeNote } from "./note.ts";
import { type NoteRequest, randomRequest, writeRequest } from "./note-request.ts";
import { PLAUSIBLE } from "./teacher.ts";
import { trueReward } from "./truth.ts";

/** What a written text earns in truth, or why it is no note for the request. A text that is none has no reward. */
export type WrittenReward =
  | { readonly ok: true; readonly note: Note; readonly reward: number }
  | { readonly ok: false; readonly fault: string };

/** Chance that the policy's warm-up teacher breaks a rule of the request. */
const CARELESSNESS = 0.4;

/** A request and a mediocre note: a rule is often broken, and attributes are drawn without a thought for the recipient. */
export function noteLesson(stream: SeededStream): Lesson {
  const request = randomRequest(stream);
  const broken = stream.chance(CARELESSNESS) ? stream.pick(request.rules) : undefined;
  return lessonOf(request, randomNote(stream, request, broken));
}

function lessonOf(request: NoteRequest, note: Note): Lesson {
  const prompt = { id: "lesson", messages: [{ role: "user", content: writeRequest(request) }] } as const;
  return lesson(
    "note",
    Int32Array.from(nanoWriter.prompt(prompt)),
    nanoWriter.speaker.encodeCompletion(writeNote(note)),
  );
}

const ATTRIBUTE_IDS: ReadonlySet<number> = new Set(
  Object.values(ATTRIBUTES).flatMap((phrases) => phrases.flatMap((phrase) => phrase.split(" ").map(idOf))),
);
/** Words of attributes weigh more: they alone tell recipients apart. */
const ATTRIBUTE_WEIGHT = 6;

/**
 * The same from a teacher that minds the recipient: one or two attributes of the five that it finds plausible, of which two are
 * truly valued. A policy that ignores recipients leaves a reward no path to what they value.
 */
export function plausibleNoteLesson(stream: SeededStream): Lesson {
  const request = randomRequest(stream);
  const broken = stream.chance(CARELESSNESS) ? stream.pick(request.rules) : undefined;
  const bare = randomNote(stream, request, broken, { ...WRITING_HABITS, attributeCounts: [1] });
  const attributes = stream.sample(PLAUSIBLE[request.recipient], stream.chance(0.5) ? 1 : 2);
  const phrases = attributes.map((name) => stream.pick<string>(ATTRIBUTES[name]));
  const note = { ...bare, phrases: stream.shuffled([...bare.phrases, ...phrases]) };
  const plain = lessonOf(request, note);
  const weights = plain.completion.map((id) => (ATTRIBUTE_IDS.has(id) ? ATTRIBUTE_WEIGHT : 1));
  return { ...plain, weights: Float32Array.from(weights) };
}

/** The hidden reward of a text written for a request, 0 to 7.6. */
export function writtenReward(request: NoteRequest, text: string): WrittenReward {
  const reading = readNote(text);
  if (!reading.ok) return reading;
  if (reading.note.topic !== request.topic)
    return { ok: false, fault: `the note is about the ${reading.note.topic}` };
  return { ok: true, note: reading.note, reward: trueReward(request, reading.note) };
}
