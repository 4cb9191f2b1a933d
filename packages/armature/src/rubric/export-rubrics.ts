import { isDeepStrictEqual } from "node:util";
import { type Row, RowFault } from "../data/row-fields.ts";
import type { RubricFormat } from "./formats/rubric-format.ts";
import type { RubricItem } from "./rubric-item.ts";

/** Rows of a format, and what it could not hold. */
export interface RubricExport {
  readonly rows: readonly Row[];
  /** Parts that do not come back when the rows are read again, with the number of items or criteria that lose them. */
  readonly lost: Readonly<Record<string, number>>;
}

/**
 * Writes items in a format, and reads them again to tell what was lost: a text would be a promise, this is a measurement.
 * @throws ConfigError where a file of the format holds one rubric and several were given.
 */
export function exportRubrics(items: readonly RubricItem[], format: RubricFormat): RubricExport {
  const lost: Record<string, number> = {};
  const rows = format.write(items);
  const back = readBack(rows, format);
  const apart = back === null || back.length !== items.length;
  for (const [i, item] of items.entries()) {
    const read = apart ? readBack(format.write([item]), format)?.[0] : back[i];
    const names = read === undefined ? ["item"] : differences(item, read);
    for (const name of names) lost[name] = (lost[name] ?? 0) + 1;
  }
  return { rows, lost };
}

/** Null where the format's own reader refuses what was written. */
function readBack(rows: readonly Row[], format: RubricFormat): readonly RubricItem[] | null {
  try {
    return rows.flatMap((row) => format.read(row));
  } catch (error) {
    if (error instanceof RowFault) return null;
    throw error;
  }
}

/** Names of the parts in which an item and its copy differ, once for each criterion or response. */
function differences(item: RubricItem, copy: RubricItem): readonly string[] {
  const { rubric, responses, format: _, extra, ...whole } = item;
  const names = Object.entries(whole).flatMap(([name, value]) =>
    isDeepStrictEqual(value, copy[name as keyof RubricItem]) ? [] : [name],
  );
  const ofCriteria = rubric.criteria.flatMap((criterion, i) =>
    partsLost(criterion, copy.rubric.criteria[i], "criterion"),
  );
  const ofResponses = responses.flatMap((response, i) => partsLost(response, copy.responses[i], "response"));
  const title = rubric.title === copy.rubric.title ? [] : ["rubric.title"];
  return [...names, ...title, ...extraLost(extra, copy.extra, "extra"), ...ofCriteria, ...ofResponses];
}

function partsLost(part: object, copy: object | undefined, holder: string): readonly string[] {
  if (copy === undefined) return [holder];
  const copied = copy as Readonly<Record<string, unknown>>;
  return Object.entries(part).flatMap(([name, value]) => {
    if (name === "extra") return extraLost(value, copied["extra"], `${holder}.extra`);
    const back = copied[name];
    if (value === undefined || isDeepStrictEqual(value, back)) return [];
    // The meaning of a sign is kept by the polarity; its loss is worth a name of its own.
    const onlySign = name === "weight" && typeof back === "number" && back === -Number(value);
    return [onlySign ? `${holder}.weight's sign` : `${holder}.${name}`];
  });
}

function extraLost(given: unknown, copy: unknown, holder: string): readonly string[] {
  const copied = (copy ?? {}) as Readonly<Record<string, unknown>>;
  return Object.entries((given ?? {}) as Row).flatMap(([name, value]) =>
    isDeepStrictEqual(value, copied[name]) ? [] : [`${holder}.${name}`],
  );
}
