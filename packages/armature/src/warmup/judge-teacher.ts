import { lastUserTurn, type Prompt } from "../data/prompt.ts";
import type { Side } from "../judge/judgement.ts";
import type { ArmRubric } from "../rubric/arm-rubric.ts";
import { criterionReader, type Measurement } from "./criterion-form.ts";
import { HARD_RULES } from "./hard-rules.ts";
import { keywordMeasure, PRINCIPLES } from "./principles.ts";
import { textFeatures } from "./text-features.ts";

/** A pair as shown to the judge, with the label. */
export interface JudgedPair {
  readonly prompt: Prompt;
  readonly responseA: string;
  readonly responseB: string;
  readonly rubric: ArmRubric;
  readonly preferred: Side;
}

const formOf = criterionReader([...HARD_RULES, ...PRINCIPLES]);
const TAGS = { "hard-rule": "Hard Rule", principle: "Principle" } as const;

/**
 * The warm-up's judgement, written by a program in the paper's short form: what it says of a criterion is a count and
 * whether the count meets it, and the winner is the label. Where counts and label disagree the text says so: the program
 * knows who was preferred, not why.
 */
export function teacherJudgement({ prompt, responseA, responseB, rubric, preferred }: JudgedPair): string {
  const a = measurements(prompt, rubric, responseA);
  const b = measurements(prompt, rubric, responseB);
  return `--- Compliance Check ---
Identified Gatekeeper Criterion: ${gatekeeper(rubric)}

--- Analysis ---
**Response A:**
${analysisLines(rubric, a)}
**Response B:**
${analysisLines(rubric, b)}

--- Final Judgment ---
Justification: ${finalReason(a, b, preferred)}
Winner: Response ${preferred}`;
}

/**
 * By how much counting alone puts one response before the other: criteria met, or where they meet equally many, a fraction
 * for the criteria on which one goes further.
 */
export function countedLead(prompt: Prompt, rubric: ArmRubric, response: string, other: string): number {
  return leadOf(measurements(prompt, rubric, response), measurements(prompt, rubric, other));
}

function leadOf(mine: readonly Measurement[], theirs: readonly Measurement[]): number {
  const further = furtherIn(mine, theirs) - furtherIn(theirs, mine);
  return metIn(mine) - metIn(theirs) || further / (mine.length + 1);
}

function measurements(prompt: Prompt, { criteria }: ArmRubric, text: string): readonly Measurement[] {
  const request = textFeatures(lastUserTurn(prompt));
  const response = textFeatures(text);
  return criteria.map((criterion) => {
    const reading = formOf(criterion);
    return reading === null
      ? keywordMeasure(response, request)
      : reading.form.measure(response, request, reading.value);
  });
}

function gatekeeper({ criteria }: ArmRubric): string {
  const rule = criteria.findIndex(({ kind }) => kind === "hard-rule");
  return rule < 0 ? "none" : `Criterion ${rule + 1}`;
}

function analysisLines({ criteria }: ArmRubric, measured: readonly Measurement[]): string {
  return measured
    .map(
      ({ met, note }, i) =>
        `- Criterion ${i + 1} [${TAGS[criteria[i]!.kind]}]: Justification: ${note}, ${met ? "met" : "missed"}.`,
    )
    .join("\n");
}

function metIn(measured: readonly Measurement[]): number {
  return measured.filter(({ met }) => met).length;
}

function furtherIn(mine: readonly Measurement[], theirs: readonly Measurement[]): number {
  return mine.filter(({ degree }, i) => degree > theirs[i]!.degree).length;
}

/** The counts in the order of the responses, so that a judge states them before it knows where they lead. */
function finalReason(a: readonly Measurement[], b: readonly Measurement[], preferred: Side): string {
  const overall = `Response ${preferred} is better overall.`;
  const lead = leadOf(a, b);
  if (lead === 0) return `Both meet ${metIn(a)} of ${a.length}; ${overall}`;
  const counts =
    metIn(a) === metIn(b)
      ? `Both meet ${metIn(a)} of ${a.length}; Response A goes further on ${furtherIn(a, b)}, Response B on ${furtherIn(b, a)}`
      : `Response A meets ${metIn(a)} of ${a.length}, Response B meets ${metIn(b)}`;
  return lead > 0 === (preferred === "A") ? `${counts}.` : `${counts}, yet ${overall}`;
}
