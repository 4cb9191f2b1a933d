import { DataError } from "../errors.ts";
import type { Criterion, CriterionChoice, Rubric } from "./rubric.ts";

/** A criterion of which only the text must be said; the rest has the defaults of `makeRubric`. */
export type CriterionParts = Partial<Criterion> & Pick<Criterion, "text">;

/**
 * A rubric out of texts or parts of criteria: ids `c1`, `c2` …, weight 1 and polarity `good` where nothing is said.
 * @throws DataError as `checkRubric`.
 */
export function makeRubric(
  criteria: readonly (string | CriterionParts)[],
  rest: Omit<Rubric, "criteria"> = {},
): Rubric {
  return checkRubric({ ...rest, criteria: withDefaults(criteria) });
}

/** Criteria with ids, weights and polarities filled in; nothing is checked. An id that is taken is stepped over. */
export function withDefaults(criteria: readonly (string | CriterionParts)[]): readonly Criterion[] {
  const taken = new Set(
    criteria.flatMap((part) => (typeof part === "string" || part.id === undefined ? [] : [part.id])),
  );
  return criteria.map((part, i) => {
    const said = typeof part === "string" ? { text: part } : part;
    return { weight: 1, polarity: "good", ...said, id: said.id ?? freeId(`c${i + 1}`, taken) };
  });
}

function freeId(wanted: string, taken: Set<string>): string {
  let id = wanted;
  for (let n = 2; taken.has(id); n++) id = `${wanted}-${n}`;
  taken.add(id);
  return id;
}

/**
 * The rubric itself, if it is one: at least one criterion, ids that differ, texts that are not blank, finite weights, and
 * choices of different labels with values from 0 to 1 that never fall.
 * @throws DataError naming the criterion and the field.
 */
export function checkRubric(rubric: Rubric): Rubric {
  const fault = rubricFault(rubric);
  if (fault !== null) throw new DataError(`rubric: ${fault.field} ${fault.what}`);
  return rubric;
}

/** The first thing that is wrong with a rubric, and its mend. */
export function rubricFault({ criteria }: Rubric): { readonly field: string; readonly what: string } | null {
  if (criteria.length === 0)
    return { field: "criteria", what: "is empty; give at least one criterion or remove the row" };
  const places = new Map<string, number>();
  for (const [i, criterion] of criteria.entries()) {
    const field = `criteria[${i}]`;
    const { id, text, weight, choices } = criterion;
    const first = places.get(id);
    if (first !== undefined)
      return {
        field: `${field}.id`,
        what: `is ${JSON.stringify(id)} as in criteria[${first}]; ids must differ`,
      };
    places.set(id, i);
    if (id.trim() === "") return { field: `${field}.id`, what: "is empty; name the criterion" };
    if (text.trim() === "") return { field: `${field}.text`, what: "is empty; say what is judged" };
    if (!Number.isFinite(weight))
      return { field: `${field}.weight`, what: `is ${weight}; give a finite number` };
    const fault = choices === undefined ? null : choicesFault(choices);
    if (fault !== null) return { field: `${field}.choices`, what: fault };
  }
  return null;
}

function choicesFault(choices: readonly CriterionChoice[]): string | null {
  if (choices.length < 2) return `has ${choices.length}; give at least two, or none for yes or no`;
  if (new Set(choices.map(({ label }) => label)).size < choices.length)
    return "repeats a label; labels must differ";
  if (!choices.every(({ value }) => value >= 0 && value <= 1))
    return "has a value outside 0 to 1; scale the values";
  const falls = choices.findIndex(({ value }, i) => i > 0 && value < choices[i - 1]!.value);
  return falls < 0 ? null : `falls at ${JSON.stringify(choices[falls]!.label)}; order from worst to best`;
}
