import type { PairwiseJudgement, Side } from "../judge/judgement.ts";
import { type CriterionName, isRule, RULES } from "./lexicon.ts";
import type { Note } from "./note.ts";
import { MOST_LINES } from "./rubric-language.ts";
import { holds } from "./truth.ts";

/** Per side, one verdict per criterion. */
export interface Verdicts {
  readonly A: readonly boolean[];
  readonly B: readonly boolean[];
}

/** All that a judge of the sandbox states about two responses. */
export interface Transcript {
  readonly criteria: readonly CriterionName[];
  /** Place of the gatekeeper among the criteria, or null. */
  readonly gatekeeper: number | null;
  readonly verdicts: Verdicts;
  readonly winner: Side;
}

/** The verdicts of a judge that reads without error. */
export function trueVerdicts(criteria: readonly CriterionName[], noteA: Note, noteB: Note): Verdicts {
  return { A: criteria.map((name) => holds(name, noteA)), B: criteria.map((name) => holds(name, noteB)) };
}

/** Number of criteria met. */
export function total(verdicts: readonly boolean[]): number {
  return verdicts.filter(Boolean).length;
}

/**
 * The paper's three sections in few words: which rule is the gatekeeper, a verdict per criterion and response, then the
 * gatekeeper's verdicts again, the totals and the winner:
 * `[compliance] gatekeeper: 1. [analysis] a: 1. time yes 2. warm no b: 1. time no 2. warm yes [final] 1. yes no total 1 1 winner: A`
 */
export function writeTranscript(transcript: Transcript): string {
  const { criteria, gatekeeper, verdicts, winner } = transcript;
  return `${writeCompliance(gatekeeper)} ${writeAnalysis(criteria, verdicts)} ${writeFinal(gatekeeper, verdicts, winner)}`;
}

export function writeCompliance(gatekeeper: number | null): string {
  return `[compliance] gatekeeper: ${gatekeeperWord(gatekeeper)}`;
}

export function writeAnalysis(criteria: readonly CriterionName[], verdicts: Verdicts): string {
  const side = (own: readonly boolean[]) =>
    own.map((verdict, i) => ` ${i + 1}. ${label(criteria[i]!)} ${yesNo(verdict)}`);
  return `[analysis] a:${side(verdicts.A).join("")} b:${side(verdicts.B).join("")}`;
}

export function writeFinal(gatekeeper: number | null, verdicts: Verdicts, winner: Side): string {
  const again =
    gatekeeper === null ? "" : ` ${yesNo(verdicts.A[gatekeeper]!)} ${yesNo(verdicts.B[gatekeeper]!)}`;
  const totals = `total ${total(verdicts.A)} ${total(verdicts.B)}`;
  return `[final] ${gatekeeperWord(gatekeeper)}${again} ${totals} winner: ${winner}`;
}

/**
 * What a judge wrote about a rubric of these criteria. The winner is read wherever exactly one is stated; the form is kept
 * only where every section stands in order and every criterion is addressed by number and name, for both responses.
 */
export function readTranscript(text: string, criteria: readonly CriterionName[]): PairwiseJudgement {
  const words = text.trim().split(/\s+/);
  const winner = readWinner(words);
  const gatekeeper = words[2] === "none" ? null : Number.parseInt(words[2] ?? "", 10) - 1;
  if (gatekeeper !== null && !(gatekeeper >= 0 && gatekeeper < criteria.length)) {
    return { winner, formatOk: false, formatFault: `no gatekeeper: "${words.slice(0, 3).join(" ")}"` };
  }
  const form = transcriptForm(criteria, gatekeeper);
  const wrong = form.findIndex((allowed, i) => !allowed.includes(words[i] ?? ""));
  if (wrong >= 0 || words.length > form.length) {
    const place = wrong >= 0 ? wrong : form.length;
    const expected = form[place]?.join(" or ") ?? "the end";
    const fault = `word ${place + 1}: expected ${expected}, found ${words[place] ?? "the end"}`;
    return { winner, formatOk: false, formatFault: fault };
  }
  const verdicts = words.filter((_, i) => form[i] === VERDICT).map((word) => word === "yes");
  const count = criteria.length;
  return {
    winner,
    formatOk: true,
    verdicts: { A: verdicts.slice(0, count), B: verdicts.slice(count, 2 * count) },
  };
}

/** The side after the only `winner:`, or null. */
export function readWinner(words: readonly string[]): Side | null {
  const place = words.indexOf("winner:");
  const side = words[place + 1];
  return place >= 0 && words.lastIndexOf("winner:") === place && (side === "A" || side === "B") ? side : null;
}

const VERDICT = ["yes", "no"];
const WINNER = ["A", "B"];
const COUNT = Array.from({ length: MOST_LINES + 1 }, (_, count) => String(count));

/** The words allowed at each place: rubric and gatekeeper leave nothing open but verdicts, totals and winner. */
function transcriptForm(criteria: readonly CriterionName[], gatekeeper: number | null): string[][] {
  const exactly = (text: string) => text.split(" ").map((word) => [word]);
  const side = criteria.flatMap((name, i) => [...exactly(`${i + 1}. ${label(name)}`), VERDICT]);
  return [
    ...exactly(`${writeCompliance(gatekeeper)} [analysis] a:`),
    ...side,
    ...exactly("b:"),
    ...side,
    ...exactly(`[final] ${gatekeeperWord(gatekeeper)}`),
    ...(gatekeeper === null ? [] : [VERDICT, VERDICT]),
    ...exactly("total"),
    COUNT,
    COUNT,
    ...exactly("winner:"),
    WINNER,
  ];
}

function label(name: CriterionName): string {
  return isRule(name) ? RULES[name].label : name;
}

function yesNo(verdict: boolean): string {
  return verdict ? "yes" : "no";
}

function gatekeeperWord(gatekeeper: number | null): string {
  return gatekeeper === null ? "none" : `${gatekeeper + 1}.`;
}
