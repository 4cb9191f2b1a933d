import type { ArmCriterion, ArmRubric, ArmRubricReading } from "../rubric/arm-rubric.ts";
import { type CriterionName, GENERIC, isRule, PRINCIPLE_NAMES, RULE_NAMES, RULES } from "./lexicon.ts";
import type { NoteRequest } from "./note-request.ts";
import { VALUED } from "./truth.ts";

/** Line numbers are single words of the vocabulary, up to this one. */
export const MOST_LINES = 5;

/** The lines of a text that has the form of a rubric, repeated ones included, or the first departure from the form. */
export type LinesReading =
  | { readonly ok: true; readonly names: readonly CriterionName[] }
  | { readonly ok: false; readonly fault: string };

const CRITERIA: ReadonlyMap<CriterionName, ArmCriterion> = new Map<CriterionName, ArmCriterion>([
  ...RULE_NAMES.map((name) => [name, { text: RULES[name].line, kind: "hard-rule" }] as const),
  ...PRINCIPLE_NAMES.map((name) => [name, { text: `is ${name}`, kind: "principle" }] as const),
]);
const NAMES: ReadonlyMap<string, CriterionName> = new Map(
  [...CRITERIA].map(([name, criterion]) => [writeCriterion(criterion), name]),
);
const STATEMENTS: ReadonlyMap<string, CriterionName> = new Map(
  [...CRITERIA].map(([name, { text }]) => [text, name]),
);

/** `1. avoids money [hard-rule] 2. is formal [principle]`. Throws `RangeError` for more than `MOST_LINES` criteria. */
export function writeRubric(rubric: ArmRubric): string {
  if (rubric.criteria.length > MOST_LINES) {
    throw new RangeError(`a sandbox rubric has at most ${MOST_LINES} lines, not ${rubric.criteria.length}`);
  }
  return rubric.criteria.map((criterion, i) => `${i + 1}. ${writeCriterion(criterion)}`).join(" ");
}

/** A text whose lines are all known and all different. */
export function readRubric(text: string): ArmRubricReading {
  const lines = readLines(text);
  if (!lines.ok) return lines;
  const repeat = lines.names.findIndex((name, i) => lines.names.indexOf(name) < i);
  if (repeat >= 0) {
    const first = lines.names.indexOf(lines.names[repeat]!);
    return { ok: false, fault: `line ${repeat + 1} repeats line ${first + 1}` };
  }
  return { ok: true, rubric: rubricOf(lines.names) };
}

/** The criteria that a text names, whether or not lines are repeated. */
export function readLines(text: string): LinesReading {
  const lines = text
    .trim()
    .split(/\s+(?=\d+\.(?:\s|$))/)
    .map((line) => line.split(/\s+/));
  if (lines.length > MOST_LINES) return { ok: false, fault: `${lines.length} lines, at most ${MOST_LINES}` };
  const names: CriterionName[] = [];
  for (const [i, [number, ...words]] of lines.entries()) {
    if (number !== `${i + 1}.`) {
      return { ok: false, fault: `line ${i + 1} starts with "${number}", not "${i + 1}."` };
    }
    const name = NAMES.get(words.join(" "));
    if (name === undefined)
      return { ok: false, fault: `line ${i + 1}: unknown criterion "${words.join(" ")}"` };
    names.push(name);
  }
  return { ok: true, names };
}

export function rubricOf(names: readonly CriterionName[]): ArmRubric {
  return { criteria: names.map((name) => CRITERIA.get(name)!) };
}

/** The rubric's text from the names of its criteria. */
export function rubricText(names: readonly CriterionName[]): string {
  return writeRubric(rubricOf(names));
}

/** The request's rules and what its recipient truly values: the best rubric there is. */
export function oracleCriteria(request: NoteRequest): CriterionName[] {
  return [...request.rules, ...VALUED[request.recipient]];
}

/** The request's rules and two principles that hold for every note: what can be had without learning. */
export function staticCriteria(request: NoteRequest): CriterionName[] {
  return [...request.rules, ...GENERIC];
}

/** The criterion that a statement of this world is about, or null for any other statement. */
export function criterionStated(text: string): CriterionName | null {
  return STATEMENTS.get(text.trim()) ?? null;
}

/** What a criterion states: `avoids money`, `is formal`. */
export function statementOf(name: CriterionName): string {
  return CRITERIA.get(name)!.text;
}

/** Place of the first hard rule, or null. */
export function gatekeeperOf(names: readonly CriterionName[]): number | null {
  const place = names.findIndex(isRule);
  return place < 0 ? null : place;
}

function writeCriterion(criterion: ArmCriterion): string {
  return `${criterion.text} [${criterion.kind}]`;
}
