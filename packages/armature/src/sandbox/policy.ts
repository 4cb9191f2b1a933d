import type { SeededStream } from "@armature/engine";
import { type Lesson, lesson } from "./lessons.ts";
import { nanoWriter } from "./nano-dialect.ts";
import { type Note, randomNote, readNote, writeNote } from "./note.ts";
import { type NoteRequest, randomRequest, writeRequest } from "./note-request.ts";
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
  const prompt = { id: "lesson", messages: [{ role: "user", content: writeRequest(request) }] } as const;
  return lesson(
    "note",
    Int32Array.from(nanoWriter.prompt(prompt)),
    nanoWriter.speaker.encodeCompletion(writeNote(randomNote(stream, request, broken))),
  );
}

/** The hidden reward of a text written for a request, 0 to 7.6. */
export function writtenReward(request: NoteRequest, text: string): WrittenReward {
  const reading = readNote(text);
  if (!reading.ok) return reading;
  if (reading.note.topic !== request.topic)
    return { ok: false, fault: `the note is about the ${reading.note.topic}` };
  return { ok: true, note: reading.note, reward: trueReward(request, reading.note) };
}
