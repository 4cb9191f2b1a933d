import { SeededStream } from "@armature/engine";
import type { Prompt } from "../data/prompt.ts";
import type { CriterionVerdict, RatingVerdict } from "../judge/criterion-verdict.ts";
import { credit, judgedCriteria } from "../reward/judged-criteria.ts";
import type { ImportanceCategory, Rubric } from "../rubric/rubric.ts";
import { ATTRIBUTE_NAMES, type CriterionName, isRule, RULE_NAMES } from "./lexicon.ts";
import { type Note, randomNote } from "./note.ts";
import { requestOf } from "./note-truth.ts";
import { categorisedRubric } from "./request-rubrics.ts";
import { holds, VALUED } from "./truth.ts";

/**
 * Ratings from 1 to 10 in the sandbox. All raters here are scripts: what an impression is made of is stated, nothing is
 * learnt. They see a note only through the verdicts of a reader, so a weak reader makes a weak rater.
 */

const LOWEST = 1;
const HIGHEST = 10;

/** Points that the holistic rater takes off for what is missed. */
const DEDUCTIONS: Readonly<Record<ImportanceCategory, number>> = {
  essential: 4,
  important: 2,
  optional: 1,
  pitfall: 3,
};

/** Chance that a rater without rubric overlooks a broken rule of the request. */
const OVERLOOKED = 0.5;

/** Holds of every note, and of no other text. */
const FORM: CriterionName = "clear";

/** All that a note can say. */
const SIGHTS: readonly CriterionName[] = [...RULE_NAMES, ...ATTRIBUTE_NAMES];

/** What the raters without rubric look at: whether it is a note at all, then all that it can say. The rubric whose verdicts `likertRating` and `referenceRating` read. */
export const SIGHTS_RUBRIC: Rubric = categorisedRubric([FORM, ...SIGHTS], { pitfall: false });

/**
 * RaR-Implicit's rating (equation 2) by script: 10, less 4 for each essential criterion missed, 2 for an important one, 1 for
 * an optional one and 3 for a pitfall met, at least 1. A missed criterion without category costs 2. Fails where a verdict did.
 */
export function implicitRating(rubric: Rubric, verdicts: readonly CriterionVerdict[]): RatingVerdict {
  const failed = verdicts.find((verdict) => verdict.status !== "scored");
  if (failed !== undefined) return failed;
  const lost = judgedCriteria(rubric, verdicts).reduce(
    (sum, one) => sum + DEDUCTIONS[one.criterion.category ?? "important"] * (1 - credit(one)),
    0,
  );
  return rating(HIGHEST - lost);
}

/**
 * Direct-Likert's rating by script, without rubric: 1, up to 5 points for the share of the request's rules that seem kept
 * (a broken one is overlooked every other time), and up to 4 for the number of qualities shown, any three of them. It does
 * not know what which recipient values. `verdicts` are on `SIGHTS_RUBRIC`.
 */
export function likertRating(
  prompt: Prompt,
  response: string,
  verdicts: readonly CriterionVerdict[],
  seed: number,
): RatingVerdict {
  const met = metSights(verdicts);
  if (met === null) return rating(LOWEST);
  const { rules } = requestOf(prompt);
  const seemsKept = (rule: CriterionName) =>
    met.has(rule) || new SeededStream(seed, "overlooked", prompt.id, response, rule).chance(OVERLOOKED);
  const kept = rules.filter(seemsKept).length / rules.length;
  const qualities = Math.min(3, [...met].filter((name) => !isRule(name)).length) / 3;
  return rating(LOWEST + 5 * kept + 4 * qualities);
}

/**
 * Reference-Likert's rating by script: 1 to 10 by the overlap (Jaccard index) of what the response and the reference show.
 * `verdicts` are on `SIGHTS_RUBRIC`.
 */
export function referenceRating(reference: Note, verdicts: readonly CriterionVerdict[]): RatingVerdict {
  const met = metSights(verdicts);
  if (met === null) return rating(LOWEST);
  const shown = new Set(SIGHTS.filter((name) => holds(name, reference)));
  const both = [...met].filter((name) => shown.has(name)).length;
  return rating(LOWEST + (HIGHEST - LOWEST) * (both / (met.size + shown.size - both)));
}

/**
 * The reference of a prompt: a careful writer's note that keeps every rule and shows both attributes that the recipient
 * values. What else it says is by the world's habits, and is praised in vain.
 */
export function referenceNote(prompt: Prompt, seed: number): Note {
  const request = requestOf(prompt);
  const stream = new SeededStream(seed, "reference note", prompt.id);
  for (;;) {
    const note = randomNote(stream, request);
    if (VALUED[request.recipient].every((attribute) => holds(attribute, note))) return note;
  }
}

/** What a reader saw in a note; null where it took the text for none. A verdict that failed saw nothing. */
function metSights(verdicts: readonly CriterionVerdict[]): ReadonlySet<CriterionName> | null {
  const [form, ...sights] = verdicts.map((verdict) => verdict.status === "scored" && verdict.value >= 0.5);
  return form ? new Set(SIGHTS.filter((_, i) => sights[i])) : null;
}

function rating(value: number): RatingVerdict {
  const bounded = Math.min(HIGHEST, Math.max(LOWEST, Math.round(value)));
  return { status: "scored", rating: bounded, lowest: LOWEST, highest: HIGHEST, reason: null };
}
