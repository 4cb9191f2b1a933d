import type { Rubric } from "../rubric/rubric.ts";

/** Which criteria a new rubric has that the old one lacked, and the reverse, by their texts. */
export interface CriteriaChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Criteria that stayed, whatever their weight. */
  readonly kept: number;
}

/** Compares two rubrics by the texts of their criteria, word for word. */
export function criteriaChange(before: Rubric, after: Rubric): CriteriaChange {
  const textsOf = ({ criteria }: Rubric) => new Set(criteria.map(({ text }) => text));
  const [old, now] = [textsOf(before), textsOf(after)];
  const added = [...now].filter((text) => !old.has(text));
  return {
    added,
    removed: [...old].filter((text) => !now.has(text)),
    kept: now.size - added.length,
  };
}
