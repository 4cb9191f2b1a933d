import { isDeepStrictEqual } from "node:util";
import { criterionFingerprint } from "./fingerprint.ts";
import type { Criterion } from "./rubric.ts";
import type { RubricItem } from "./rubric-item.ts";
import { contentStems, stemSimilarity, textSimilarity } from "./text-similarity.ts";

/** A criterion that stands in both rubrics, and what of it differs. */
export interface CriterionChange {
  readonly before: Criterion;
  readonly after: Criterion;
  /** 1 where the text is the same; else how much the two texts say the same, 0 to 1. */
  readonly similarity: number;
  /** Parts that differ: `text`, `weight`, `polarity`, `category` …; ids, titles, tags and `extra` are names and not compared. */
  readonly changed: readonly string[];
}

/** What became of one rubric. */
export interface RubricChange {
  readonly id: string;
  readonly added: readonly Criterion[];
  readonly removed: readonly Criterion[];
  /** Every criterion that stands in both, in the new order. */
  readonly kept: readonly CriterionChange[];
}

/** What became of a file of rubrics. */
export interface RubricsDiff {
  readonly rubrics: readonly RubricChange[];
  /** Ids of rubrics that only one file has. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Texts less alike than this are two criteria. */
const REWORDED = 0.5;
const COMPARED = ["text", "weight", "polarity", "kind", "category", "gate", "choices", "verifier"] as const;

/** Compares two files. Rubrics are found by their ids, then by their prompts; two files of one rubric each are compared at once. */
export function diffRubrics(before: readonly RubricItem[], after: readonly RubricItem[]): RubricsDiff {
  if (before.length === 1 && after.length === 1) {
    const change = diffRubric(before[0]!, after[0]!);
    return { rubrics: [change], added: [], removed: [] };
  }
  const free = new Set(before);
  const find = (matches: (item: RubricItem) => boolean) => [...free].find(matches);
  const partners = new Map<RubricItem, RubricItem>();
  for (const same of [sameId, samePrompt])
    for (const item of after) {
      const partner = partners.has(item) ? undefined : find((old) => same(old, item));
      if (partner === undefined) continue;
      partners.set(item, partner);
      free.delete(partner);
    }
  return {
    rubrics: after.flatMap((item) => {
      const partner = partners.get(item);
      return partner === undefined ? [] : [diffRubric(partner, item)];
    }),
    added: after.filter((item) => !partners.has(item)).map(({ id }) => id),
    removed: [...free].map(({ id }) => id),
  };
}

const sameId = (a: RubricItem, b: RubricItem) => a.id === b.id;
const samePrompt = (a: RubricItem, b: RubricItem) => a.prompt !== null && a.prompt.id === b.prompt?.id;

/** Compares two rubrics: criteria are the same by what they ask, then by likeness of text, the most alike first. */
export function diffRubric(before: RubricItem, after: RubricItem): RubricChange {
  const old = before.rubric.criteria;
  const now = after.rubric.criteria;
  const partnerOf = matchCriteria(old, now);
  const kept = now.flatMap((criterion, i) => {
    const partner = partnerOf.get(i);
    return partner === undefined ? [] : [changeOf(old[partner]!, criterion)];
  });
  const taken = new Set(partnerOf.values());
  return {
    id: after.id,
    added: now.filter((_, i) => !partnerOf.has(i)),
    removed: old.filter((_, i) => !taken.has(i)),
    kept,
  };
}

/** Place of the old criterion for each new one that has one. */
function matchCriteria(old: readonly Criterion[], now: readonly Criterion[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  const free = new Set(old.keys());
  const pair = (i: number, j: number | undefined) => {
    if (j === undefined || found.has(i) || !free.has(j)) return;
    found.set(i, j);
    free.delete(j);
  };
  const oldPrints = old.map(criterionFingerprint);
  for (const [i, criterion] of now.entries()) {
    const print = criterionFingerprint(criterion);
    const equals = [...free].filter((j) => oldPrints[j] === print);
    pair(i, equals.find((j) => old[j]!.id === criterion.id) ?? equals[0]);
  }
  const oldStems = old.map(({ text }) => contentStems(text));
  const likely = now.flatMap(({ text }, i) => {
    if (found.has(i)) return [];
    const stems = contentStems(text);
    return [...free].map((j) => ({ i, j, likeness: stemSimilarity(stems, oldStems[j]!) }));
  });
  likely.sort((a, b) => b.likeness - a.likeness || a.i - b.i || a.j - b.j);
  for (const { i, j, likeness } of likely) if (likeness >= REWORDED) pair(i, j);
  return found;
}

function changeOf(before: Criterion, after: Criterion): CriterionChange {
  const changed = COMPARED.filter((part) => !isDeepStrictEqual(before[part], after[part]));
  const similarity = before.text === after.text ? 1 : textSimilarity(before.text, after.text);
  return { before, after, similarity, changed };
}
