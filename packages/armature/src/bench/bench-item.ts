import { contentId, promptId } from "../data/content-id.ts";
import type { PairContent } from "../data/pair-content.ts";
import type { Message } from "../data/prompt.ts";
import type { JsonlRow } from "../data/read-jsonl.ts";
import { RowFault, textOf, wrongType } from "../data/row-fields.ts";
import type { BenchItem } from "./bench-suite.ts";

/** An item with several better and worse responses. Throws `RowFault` where a side is empty or a response stands on both. */
export function responsesItem(
  { file, line }: JsonlRow,
  messages: readonly Message[],
  responses: { readonly chosen: readonly string[]; readonly rejected: readonly string[] },
  rest: Partial<BenchItem> & { readonly subset: string },
): BenchItem {
  const { chosen, rejected } = responses;
  for (const [field, side] of Object.entries(responses))
    if (side.length === 0) throw new RowFault("missing-field", field, "is empty; remove the row");
  if (chosen.some((response) => rejected.includes(response)))
    throw new RowFault("identical-responses", "rejected", "equals chosen; remove the row");
  const prompt = { id: promptId(messages), messages };
  return {
    id: contentId([prompt.id, chosen, rejected]),
    prompt,
    chosen,
    rejected,
    ...rest,
    source: { file, line },
  };
}

/** An item of one pair. */
export function pairItem(
  row: JsonlRow,
  { messages, chosen, rejected }: PairContent,
  rest: Partial<BenchItem> & { readonly subset: string },
): BenchItem {
  return responsesItem(row, messages, { chosen: [chosen], rejected: [rejected] }, rest);
}

/** Texts of a list field. Throws `RowFault`. */
export function textsOf(value: unknown, field: string): readonly string[] {
  if (!Array.isArray(value)) throw wrongType(value, field, "give a list of responses");
  return value.map((text, i) => textOf(text, `${field}[${i}]`));
}

/** A field that names the kind of row: a text that is not blank. Throws `RowFault`. */
export function nameOf({ value }: JsonlRow, field: string): string {
  return textOf(value[field], field);
}

/** The file's name without folder and endings, for suites whose kinds stand in files of their own. */
export function fileStem({ file }: JsonlRow): string {
  return file.replace(/^.*[/\\]/, "").replace(/(\.\w+)+$/, "");
}
