import type { SeededStream } from "@armature/engine";
import { type Attribute, type CriterionName, PRINCIPLE_NAMES, type Recipient } from "./lexicon.ts";
import type { Note } from "./note.ts";
import type { NoteRequest } from "./note-request.ts";
import { gatekeeperOf } from "./rubric-language.ts";
import { totalsReader } from "./rule-reader.ts";
import {
  type Transcript,
  trueVerdicts,
  type Verdicts,
  writeAnalysis,
  writeFinal,
  writeTranscript,
} from "./transcript.ts";

/**
 * The attributes that the teacher finds plausible for a recipient: the two that count and three that do not. Any two
 * recipients share at most three of five, and every attribute is plausible for five recipients, so neither a popular
 * attribute nor a common set is a shortcut (what is left out is a Möbius–Kantor configuration on the ring of attributes).
 */
export const PLAUSIBLE: Readonly<Record<Recipient, readonly Attribute[]>> = {
  boss: ["formal", "honest", "polite", "practical", "warm"],
  customer: ["honest", "polite", "practical", "hopeful", "grateful"],
  neighbor: ["polite", "practical", "hopeful", "playful", "formal"],
  coach: ["practical", "hopeful", "playful", "warm", "honest"],
  child: ["hopeful", "playful", "warm", "grateful", "polite"],
  friend: ["playful", "warm", "grateful", "formal", "practical"],
  grandmother: ["warm", "grateful", "formal", "honest", "hopeful"],
  teacher: ["grateful", "formal", "honest", "polite", "playful"],
};

/**
 * The warm-up teacher's faults. It has them on purpose: preferences can repair the first (the generator learns which
 * plausible principle counts) and the second (the judge learns to follow its totals); the third is noise.
 */
export interface TeacherFaults {
  /** Chance that a principle is drawn from the five plausible attributes; else from all ten principles. */
  readonly plausibleShare: number;
  /** Chance that a close call (totals within one) goes to the first response whatever the totals say. */
  readonly positionBias: number;
  /** Chance that a verdict is turned round. */
  readonly verdictNoise: number;
  /** Chance that a transcript lacks a part. */
  readonly malformedShare: number;
}

export const TEACHER_FAULTS: TeacherFaults = {
  plausibleShare: 0.9,
  positionBias: 0.65,
  verdictNoise: 0.02,
  malformedShare: 0.05,
};

/** The request's rules, then two distinct principles, mostly plausible ones. */
export function teacherCriteria(
  stream: SeededStream,
  request: NoteRequest,
  faults: TeacherFaults = TEACHER_FAULTS,
): CriterionName[] {
  const principles = new Set<CriterionName>();
  while (principles.size < 2) {
    principles.add(
      stream.chance(faults.plausibleShare)
        ? stream.pick(PLAUSIBLE[request.recipient])
        : stream.pick(PRINCIPLE_NAMES),
    );
  }
  return [...request.rules, ...principles];
}

/** The winner that the teacher states for verdicts. */
export function teacherWinner(
  stream: SeededStream,
  criteria: readonly CriterionName[],
  verdicts: Verdicts,
  faults: TeacherFaults = TEACHER_FAULTS,
): "A" | "B" {
  return stream.chance(totalsReader(faults.positionBias).chanceOfA(criteria, verdicts)) ? "A" : "B";
}

/** What the teacher writes about two notes. */
export function teacherTranscript(
  stream: SeededStream,
  criteria: readonly CriterionName[],
  noteA: Note,
  noteB: Note,
  faults: TeacherFaults = TEACHER_FAULTS,
): string {
  const truth = trueVerdicts(criteria, noteA, noteB);
  const noisy = (verdicts: readonly boolean[]) =>
    verdicts.map((verdict) => verdict !== stream.chance(faults.verdictNoise));
  const verdicts = { A: noisy(truth.A), B: noisy(truth.B) };
  const winner = teacherWinner(stream, criteria, verdicts, faults);
  const transcript = { criteria, gatekeeper: gatekeeperOf(criteria), verdicts, winner };
  return stream.chance(faults.malformedShare)
    ? stream.pick(DEFECTS)(transcript, stream)
    : writeTranscript(transcript);
}

/** Ways to spoil a transcript: no compliance section, one verdict missing, nothing said about the second response. */
const DEFECTS: readonly ((transcript: Transcript, stream: SeededStream) => string)[] = [
  ({ criteria, gatekeeper, verdicts, winner }) =>
    `${writeAnalysis(criteria, verdicts)} ${writeFinal(gatekeeper, verdicts, winner)}`,
  (transcript, stream) => {
    const side = stream.pick(["A", "B"] as const);
    return withAnalysis(transcript, {
      ...transcript.verdicts,
      [side]: transcript.verdicts[side].slice(0, -1),
    });
  },
  (transcript) => withAnalysis(transcript, { ...transcript.verdicts, B: [] }),
];

function withAnalysis(transcript: Transcript, stated: Verdicts): string {
  const { criteria, verdicts } = transcript;
  return writeTranscript(transcript).replace(
    writeAnalysis(criteria, verdicts),
    writeAnalysis(criteria, stated),
  );
}
