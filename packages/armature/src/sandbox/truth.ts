import {
  type Attribute,
  type CriterionName,
  GENERIC,
  isRule,
  type Principle,
  type Recipient,
  RULES,
} from "./lexicon.ts";
import { type Note, shows } from "./note.ts";
import type { NoteRequest } from "./note-request.ts";

/**
 * The latent part of the world: which two attributes count for whom, the first more than the second. The attributes form a
 * ring, and each recipient values two neighbours on it: every attribute comes first for one recipient and second for another,
 * so none is a better guess than the rest.
 */
export const VALUED: Readonly<Record<Recipient, readonly [Attribute, Attribute]>> = {
  boss: ["formal", "honest"],
  customer: ["honest", "polite"],
  neighbor: ["polite", "practical"],
  coach: ["practical", "hopeful"],
  child: ["hopeful", "playful"],
  friend: ["playful", "warm"],
  grandmother: ["warm", "grateful"],
  teacher: ["grateful", "formal"],
};

/** What a kept rule, the first and the second valued attribute add to the true reward. */
export const TRUE_WEIGHTS = { rule: 3, first: 1, second: 0.6 } as const;

/** Whether a criterion is true of a note. */
export function holds(criterion: CriterionName, note: Note): boolean {
  if (isRule(criterion)) return shows(note, RULES[criterion].element) === RULES[criterion].present;
  return isGeneric(criterion) || shows(note, criterion);
}

/** The hidden reward, 0 to 7.6: 3 per kept rule, 1 and 0.6 for what the recipient values. */
export function trueReward(request: NoteRequest, note: Note): number {
  const [first, second] = VALUED[request.recipient];
  const kept = request.rules.filter((rule) => holds(rule, note)).length;
  return (
    TRUE_WEIGHTS.rule * kept +
    TRUE_WEIGHTS.first * Number(holds(first, note)) +
    TRUE_WEIGHTS.second * Number(holds(second, note))
  );
}

function isGeneric(principle: Principle): principle is (typeof GENERIC)[number] {
  return GENERIC.some((name) => name === principle);
}
