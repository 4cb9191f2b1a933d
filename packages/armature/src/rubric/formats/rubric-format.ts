import type { Row } from "../../data/row-fields.ts";
import { ConfigError } from "../../errors.ts";
import type { RubricItem } from "../rubric-item.ts";

/** Why a row looks like one of a format. `sure` where only this format has such rows. */
export interface Detection {
  readonly sure: boolean;
  /** In words, for the report: which fields told. */
  readonly because: string;
}

/** Which field of a source became which part of the model, `[from, to]`. */
export type FieldMapping = readonly (readonly [string, string])[];

/**
 * A layout in which rubrics are published or read by another tool. `read` and `write` are inverse as far as the format can
 * hold an item: `read(write(items))` gives the items, and `write(read(row))` the row with the same fields and values.
 */
export interface RubricFormat {
  readonly name: string;
  /** One line: whose format it is. */
  readonly about: string;
  /**
   * How a file holds it: a table of items (`rows`), one object for the whole file (`document`), or text that `read` gets and
   * `write` gives as the only field `text` of a row (`text`).
   */
  readonly stored: "rows" | "document" | "text";
  /** Which field of the source becomes which part of the model, `[from, to]`. */
  readonly mapping: FieldMapping;
  /** The same for the names that rows of this `format` of an item had, where a format has variants. */
  mappingAs?(format: string): FieldMapping;
  detect(row: Row): Detection | null;
  /** @throws RowFault naming the field that cannot be read. */
  read(row: Row): readonly RubricItem[];
  /** One row an item, unless a file or row holds several. @throws ConfigError where a file holds fewer items than given. */
  write(items: readonly RubricItem[]): readonly Row[];
}

/** @throws ConfigError where there is more than one, or none. */
export function onlyItem(items: readonly RubricItem[], format: string): RubricItem {
  const [item] = items;
  if (item !== undefined && items.length === 1) return item;
  throw new ConfigError(
    `--to ${format}: a file holds one rubric, and ${items.length} were given; choose one with --id`,
  );
}
