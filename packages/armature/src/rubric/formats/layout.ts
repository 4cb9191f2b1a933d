import type { Message } from "../../data/prompt.ts";
import { isRow, type Row, RowFault, textOf, wrongType } from "../../data/row-fields.ts";
import { type CriterionParts, withDefaults } from "../check-rubric.ts";
import type { Criterion, Rubric } from "../rubric.ts";
import type { RubricItem, RubricResponse } from "../rubric-item.ts";
import { type Field, type OpenRow, openRow, putField, takeField } from "./field.ts";
import { checkedRubric, defaultId, promptOfMessages } from "./native.ts";
import { type Detection, type FieldMapping, onlyItem, type RubricFormat } from "./rubric-format.ts";

/** Fields of a criterion, by the part of the model that they hold. */
export type CriterionFields = { readonly text: Field<string> } & {
  readonly [Part in keyof Criterion]?: Field<NonNullable<Criterion[Part]>>;
};

/** Responses that stand in the same row. */
export interface ResponseFields {
  readonly mapping: readonly (readonly [string, string])[];
  /** Reads and removes them. */
  take(row: OpenRow, rubric: Rubric): readonly RubricResponse[];
  put(row: OpenRow, responses: readonly RubricResponse[], rubric: Rubric): void;
}

/**
 * A format whose rows hold one rubric each as a list: most of them. What no field takes stays in `extra`.
 *
 * `sign` says how the format tells bad from good. `signed`: by the weight's sign, as HealthBench does. `positive`: not at
 * all, so a bad criterion is written as its own denial (`DENIAL`) and read back from it. `own`: `polarity` and `toWrite`
 * of the format do it.
 */
export interface Layout {
  readonly name: string;
  readonly about: string;
  readonly stored?: RubricFormat["stored"];
  detect(row: Row): Detection | null;
  readonly id?: Field<string>;
  readonly prompt?: Field<readonly Message[]>;
  readonly reference?: Field<string>;
  readonly title?: Field<string>;
  readonly list: Field<readonly unknown[]>;
  /** Criteria are objects, or texts alone. */
  readonly elements?: "objects" | "texts";
  readonly criterion: CriterionFields;
  readonly sign: "signed" | "positive" | "own";
  /** Every criterion must have its id in the file, made-up ones too. */
  readonly namesAll?: boolean;
  polarity?(criterion: CriterionParts): Criterion["polarity"];
  /** What a criterion is written as. */
  toWrite?(criterion: Criterion): Criterion;
  readonly responses?: ResponseFields;
  /** A row as the fields above expect it, and back. */
  readonly reshape?: { read(row: OpenRow): OpenRow; write(row: OpenRow): Row };
  /** Names in the source of fields that `reshape` moves, for reports. */
  readonly sourceNames?: Readonly<Record<string, string>>;
  /** Fields that count or repeat others, made anew. */
  derive?(row: OpenRow, rubric: Rubric, isNew: boolean): void;
}

/** Begins the text of a criterion that is bad when true, in formats that know only good ones. */
export const DENIAL = "It is not the case that: ";

/** The format that a layout describes. */
export function layoutFormat(layout: Layout): RubricFormat {
  const { name, about, stored = "rows" } = layout;
  return {
    name,
    about,
    stored,
    mapping: mappingOf(layout),
    detect: (row) => layout.detect(row),
    read: (row) => [readItem(layout, row)],
    write: (items) =>
      (stored === "document" ? [onlyItem(items, name)] : items).map((item) => writeItem(layout, item)),
  };
}

/** A format whose rows come with different names for the same fields; an item remembers them in its `format`. */
export interface LayoutVariants {
  readonly name: string;
  readonly about: string;
  readonly stored?: RubricFormat["stored"];
  detect(row: Row): Detection | null;
  /** The variant of a row, one word or several. @throws RowFault where it has none. */
  variantOf(row: Row): string;
  /** The variant that items of other formats are written in. */
  readonly usual: string;
  layout(variant: string): Omit<Layout, "name" | "about" | "stored" | "detect">;
}

/** The format that the variants make up together. */
export function variantFormat(variants: LayoutVariants): RubricFormat {
  const { name, about, stored = "rows", usual } = variants;
  const layoutOf = (variant: string): Layout => ({
    ...variants.layout(variant),
    name: variant === usual ? name : `${name} ${variant}`,
    about,
    detect: (row) => variants.detect(row),
  });
  return {
    name,
    about,
    stored,
    mapping: mappingOf(layoutOf(usual)),
    mappingAs: (format) => mappingOf(layoutOf(variantIn(format))),
    detect: (row) => variants.detect(row),
    read: (row) => [readItem(layoutOf(variants.variantOf(row)), row)],
    write: (items) => items.map((item) => writeItem(layoutOf(variantIn(item.format)), item)),
  };

  function variantIn(format: string | undefined): string {
    return format?.startsWith(`${name} `) ? format.slice(name.length + 1) : usual;
  }
}

function readItem(layout: Layout, given: Row): RubricItem {
  const row = layout.reshape === undefined ? openRow(given) : layout.reshape.read(openRow(given));
  const messages = layout.prompt && takeField(row, layout.prompt);
  const prompt = messages === undefined ? null : promptOfMessages(messages);
  const reference = (layout.reference && takeField(row, layout.reference)) ?? null;
  const title = layout.title && takeField(row, layout.title);
  const elements = takeField(row, layout.list)!;
  if (elements.length === 0)
    throw new RowFault(
      "bad-rubric",
      layout.list.path,
      "is empty; give at least one criterion or remove the row",
    );
  const criteria = withDefaults(readCriteria(layout, elements));
  const rubric = checkedRubric({ criteria, ...(title !== undefined && { title }) }, layout.list.path);
  const responses = layout.responses?.take(row, rubric) ?? [];
  const id = (layout.id && takeField(row, layout.id)) ?? defaultId(prompt, rubric);
  return {
    id,
    prompt,
    reference,
    responses,
    rubric,
    format: layout.name,
    ...(Object.keys(row).length > 0 && { extra: row }),
  };
}

function readCriteria(layout: Layout, elements: readonly unknown[]): readonly CriterionParts[] {
  const ids = new Set<string>();
  return elements.map((element, i) => {
    const field = `${layout.list.path}[${i}]`;
    try {
      return readCriterion(layout, element, ids, i);
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      const [inner = "", ...what] = error.message.split(" ");
      throw new RowFault(error.reason, inner === "" ? field : `${field}.${inner}`, what.join(" "));
    }
  });
}

function readCriterion(layout: Layout, element: unknown, ids: Set<string>, index: number): CriterionParts {
  if (layout.elements === "texts")
    return withPolarity(layout, { text: textOf(element, layout.criterion.text.path) });
  if (!isRow(element)) throw wrongType(element, "", "give an object");
  const rest = openRow(element);
  const parts: OpenRow = {};
  for (const [part, field] of Object.entries(layout.criterion) as [keyof Criterion, Field<unknown>][]) {
    const value = part === "id" ? takeId(rest, field as Field<string>, ids, index) : takeField(rest, field);
    if (value !== undefined) parts[part] = value;
  }
  if (Object.keys(rest).length > 0) parts["extra"] = rest;
  return withPolarity(layout, parts as unknown as CriterionParts);
}

/** An id that repeats names nothing, and one that would be given anyway is not written: both stay where they are. */
function takeId(rest: OpenRow, field: Field<string>, ids: Set<string>, index: number): string | undefined {
  const id = field.decode(openRow(rest)[field.path]);
  if (id === undefined || ids.has(id)) return undefined;
  ids.add(id);
  return id === `c${index + 1}` ? id : takeField(rest, field);
}

function withPolarity(layout: Layout, parts: CriterionParts): CriterionParts {
  const { sign } = layout;
  if (sign === "own") return { ...parts, polarity: layout.polarity?.(parts) ?? parts.polarity ?? "good" };
  const weight = parts.weight ?? 1;
  if (sign === "signed") return { ...parts, polarity: weight < 0 ? "bad" : "good" };
  if (weight < 0) {
    const what = `is ${weight}, and this format has no negative weights; read the file with --format fields`;
    throw new RowFault("bad-rubric", layout.criterion.weight?.path ?? "weight", what);
  }
  return parts.text.startsWith(DENIAL) && parts.text.length > DENIAL.length
    ? { ...parts, text: parts.text.slice(DENIAL.length), polarity: "bad" }
    : { ...parts, polarity: "good" };
}

/** The sign or the wording that says in this format what polarity says in the model. */
function asSigned(sign: Layout["sign"], criterion: Criterion): Criterion {
  const { weight, polarity, text } = criterion;
  if (sign === "own") return criterion;
  const size = Math.abs(weight);
  if (sign === "signed") return { ...criterion, weight: polarity === "bad" ? 0 - size : size };
  return { ...criterion, weight: size, text: polarity === "bad" ? `${DENIAL}${text}` : text };
}

function writeItem(layout: Layout, item: RubricItem): Row {
  const same = item.format === layout.name;
  const row = openRow(same ? item.extra : undefined);
  const { prompt, reference, rubric, responses } = item;
  if (layout.prompt) putField(row, layout.prompt, prompt?.messages);
  if (layout.reference) putField(row, layout.reference, reference ?? undefined);
  if (layout.title) putField(row, layout.title, rubric.title);
  putField(
    row,
    layout.list,
    rubric.criteria.map((criterion, i) => writeCriterion(layout, criterion, i, same)),
  );
  layout.responses?.put(row, responses, rubric);
  if (layout.id && item.id !== defaultId(prompt, rubric)) putField(row, layout.id, item.id);
  layout.derive?.(row, rubric, !same);
  return layout.reshape === undefined ? row : layout.reshape.write(row);
}

function writeCriterion(layout: Layout, given: Criterion, index: number, same: boolean): unknown {
  const criterion = asSigned(layout.sign, layout.toWrite?.(given) ?? given);
  if (layout.elements === "texts") return criterion.text;
  const row = openRow(same ? given.extra : undefined);
  for (const [part, field] of Object.entries(layout.criterion) as [keyof Criterion, Field<unknown>][]) {
    const isDefault =
      part === "id" && !(layout.namesAll && !same) && criterion.id.replace(/-\d+$/, "") === `c${index + 1}`;
    if (!isDefault) putField(row, field, criterion[part]);
  }
  return row;
}

function mappingOf(layout: Layout): FieldMapping {
  const { id, prompt, reference, title, list, criterion, responses, sourceNames = {} } = layout;
  const whole = { id, prompt, reference, "rubric.title": title };
  const inside = layout.elements === "texts" ? { text: { path: "" } } : criterion;
  const pairs: FieldMapping = [
    ...Object.entries(whole).flatMap(([part, field]) =>
      field === undefined ? [] : [[field.path, part] as const],
    ),
    ...Object.entries(inside).map(
      ([part, { path }]) =>
        [path === "" ? `${list.path}[]` : `${list.path}[].${path}`, `criterion.${part}`] as const,
    ),
    ...(responses?.mapping ?? []),
  ];
  return pairs.map(([from, to]) => [sourceNames[from] ?? from, to]);
}
