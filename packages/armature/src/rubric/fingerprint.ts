import { contentId } from "../data/content-id.ts";
import type { Criterion, Rubric } from "./rubric.ts";

/**
 * Id of what a rubric says: criteria in order, each by all that changes a verdict or a score. Ids, titles, tags and `extra`
 * are names and do not count. Texts count in Unicode NFC with runs of white space as one space. 64 bits in hexadecimal.
 */
export function rubricFingerprint({ criteria }: Rubric): string {
  return contentId(
    criteria.map((criterion) => [
      ...judged(criterion),
      criterion.weight,
      criterion.polarity,
      criterion.kind ?? null,
      criterion.category ?? null,
      criterion.gate ?? false,
    ]),
  );
}

/** Id of what a judge is asked: a criterion's text, choices and verifier, whatever they count for. */
export function criterionFingerprint(criterion: Criterion): string {
  return contentId(judged(criterion));
}

function judged({ text, choices, verifier }: Criterion): readonly unknown[] {
  return [
    canonicalText(text),
    (choices ?? []).map(({ label, description, value }) => [label, description ?? null, value]),
    verifier === undefined ? null : [verifier.name, sortedKeys(verifier.parameters)],
  ];
}

/** Unicode NFC, white space collapsed. */
function canonicalText(text: string): string {
  return text.normalize("NFC").replace(/\s+/g, " ").trim();
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, item]) => [key, sortedKeys(item)]);
}
