import { ATTRIBUTES, type CriterionName, ELEMENTS, GENERIC, isRule, RULES } from "./lexicon.ts";
import type { NoteRequest } from "./note-request.ts";
import { writtenReward } from "./policy.ts";

/**
 * Whether a criterion seems true to a reader who looks for phrases and does not care how they are put together: an element or
 * a quality counts wherever one of its phrases stands, in a text that says everything, or the same thing twice, as well. Only
 * the principles that hold for every note ask for one: they fail where the text is no note for the request. Of notes, all
 * this is the truth.
 */
export function seemsTrue(criterion: CriterionName, request: NoteRequest, text: string): boolean {
  const words = ` ${text.trim().split(/\s+/).join(" ")} `;
  const says = (phrases: readonly string[]) => phrases.some((phrase) => words.includes(` ${phrase} `));
  if (isRule(criterion)) {
    const { element, present } = RULES[criterion];
    return says(ELEMENTS[element]) === present;
  }
  if (criterion in ATTRIBUTES) return says(ATTRIBUTES[criterion as keyof typeof ATTRIBUTES]);
  return GENERIC.some((name) => name === criterion) && writtenReward(request, text).ok;
}
