import { promptId } from "../../data/content-id.ts";
import type { Prompt } from "../../data/prompt.ts";
import { isRow, RowFault } from "../../data/row-fields.ts";
import { DataError } from "../../errors.ts";
import { armTextOf } from "../../rubric/arm-text-of.ts";
import { rubricFingerprint } from "../../rubric/fingerprint.ts";
import { readRubricItem } from "../../rubric/formats/native.ts";
import { readRubricItems } from "../../rubric/read-rubric-items.ts";
import type { RubricItem } from "../../rubric/rubric-item.ts";

/** Rubrics by what their prompts say. */
export interface RubricMap {
  /** The rubric of a prompt: its own, else the one that belongs to no prompt. */
  get(prompt: Prompt): RubricItem | undefined;
}

/**
 * Reads rubrics of any format to be joined to prompts with the same messages. A file of one rubric without prompt serves every
 * prompt. @throws DataError where a prompt has two different rubrics, or several rubrics have no prompt.
 */
export async function readRubricMap(file: string): Promise<RubricMap> {
  const { items } = await readRubricItems(file);
  const byPrompt = new Map<string, RubricItem>();
  for (const item of items) {
    const key = item.prompt === null ? "" : promptId(item.prompt.messages);
    const known = byPrompt.get(key);
    if (known !== undefined && rubricFingerprint(known.rubric) !== rubricFingerprint(item.rubric))
      throw new DataError(
        `${file}: ${known.id} and ${item.id} are different rubrics ${key === "" ? "without prompt" : "of one prompt"}; leave one`,
      );
    byPrompt.set(key, known ?? item);
  }
  return { get: ({ messages }) => byPrompt.get(promptId(messages)) ?? byPrompt.get("") };
}

/** The rubric of a row, given as text or as criteria. @throws RowFault where it has none. */
export function rubricTextOfValue(value: unknown): string {
  if (typeof value === "string" && value.trim() !== "") return value.trim();
  if (isRow(value) || Array.isArray(value)) return armTextOf(readRubricItem({ rubric: value }).rubric);
  throw new RowFault("missing-field", "rubric", "is missing; add it, or give --rubric or --rubrics");
}
