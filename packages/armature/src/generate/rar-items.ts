import { pitfallPolarity } from "../rubric/polarity.ts";
import type { Criterion, ImportanceCategory } from "../rubric/rubric.ts";
import { readItems, readWeight, type WrittenItem } from "./read-items.ts";
import type { RubricReading } from "./rubric-writer.ts";

/** Items of a rubric (Rubrics as Rewards, section 4.2). */
const RAR_ITEMS = { fewest: 7, most: 20 } as const;

/** Weights by category, lowest and highest, in the released data; the first of each pair stands in for a missing one. */
const WEIGHTS: Readonly<Record<ImportanceCategory, readonly [number, number]>> = {
  essential: [5, 5],
  important: [3, 4],
  optional: [1, 2],
  pitfall: [-2, -1],
};

const PREFIX = /^(essential|important|optional|pitfall)(?:\s+criteri(?:a|on))?\s*[:–-]\s*/i;

/**
 * Reads RaR items: a title, a category, a statement, a signed weight, and whether its truth is good. Weights are held in
 * their category's range, pitfalls stay negative; a pitfall's words tell what its truth means before the
 * reply does ("avoids …" is good, "does not mention …" bad: the released sets have both, with the same negative weights), and
 * a pitfall that is told by neither is bad when true. Fault `item-count` below 7 and above 20 items, `no-category` where an item has none.
 */
export function readRarItems(reply: string): RubricReading {
  const reading = readItems(reply);
  if (!reading.ok) return reading;
  const { items } = reading;
  if (items.length < RAR_ITEMS.fewest || items.length > RAR_ITEMS.most) {
    const fault = `item-count: ${items.length} items; ${RAR_ITEMS.fewest} to ${RAR_ITEMS.most} are needed`;
    return { ok: false, fault };
  }
  const repairs = [...reading.repairs];
  const criteria: Criterion[] = [];
  for (const [index, item] of items.entries()) {
    const category = categoryOf(item);
    if (category === null)
      return { ok: false, fault: `no-category: item ${index + 1} names none of the four categories` };
    criteria.push(criterionOf(item, category, index, (what) => repairs.push(what)));
  }
  return { ok: true, rubric: { criteria }, repairs };
}

function criterionOf(
  { text, fields }: WrittenItem,
  category: ImportanceCategory,
  index: number,
  repair: (what: string) => void,
): Criterion {
  const statement = text.replace(PREFIX, "");
  const title = fields["title"];
  return {
    id: `c${index + 1}`,
    text: statement,
    weight: weightOf(fields["weight"], category, repair),
    polarity: polarityOf(statement, category, fields["whenTrue"], repair),
    ...(typeof title === "string" && title.trim() !== "" && { title: title.trim() }),
    category,
  };
}

function categoryOf({ text, fields }: WrittenItem): ImportanceCategory | null {
  const named = typeof fields["category"] === "string" ? fields["category"].trim().toLowerCase() : "";
  const word = /^(essential|important|optional|pitfall)/.exec(named)?.[1] ?? PREFIX.exec(text)?.[1];
  return (word?.toLowerCase() as ImportanceCategory | undefined) ?? null;
}

function weightOf(written: unknown, category: ImportanceCategory, repair: (what: string) => void): number {
  const bounds = WEIGHTS[category];
  const number = typeof written === "string" && written.trim() !== "" ? Number(written) : written;
  // A pitfall's weight is often given as its size.
  const signed = category === "pitfall" && typeof number === "number" ? -Math.abs(number) : number;
  return readWeight(signed, bounds, category === "pitfall" ? bounds[1] : bounds[0], repair);
}

function polarityOf(
  statement: string,
  category: ImportanceCategory,
  whenTrue: unknown,
  repair: (what: string) => void,
): Criterion["polarity"] {
  const said = typeof whenTrue === "string" ? whenTrue.trim().toLowerCase() : "";
  if (category !== "pitfall") {
    if (said === "bad") repair("polarity: a statement outside the pitfalls was called bad; good taken");
    return "good";
  }
  const told = said === "good" || said === "bad" ? said : null;
  const { polarity, sure, plain } = pitfallPolarity(statement);
  // "Warns against X" may be good although nothing in it denies: there the model's word counts.
  if (told !== null && (plain || !sure)) return told;
  if (told === null) repair(`polarity: not said; ${polarity} taken`);
  else if (told !== polarity)
    repair(`polarity: called ${told}, but the words are ${polarity}; ${polarity} taken`);
  return polarity;
}
