import { DataError } from "../errors.ts";
import { promptId } from "./content-id.ts";
import { promptOf, withSystem } from "./pair-content.ts";
import type { BadRows } from "./preference-pairs.ts";
import type { Message, Prompt } from "./prompt.ts";
import { readRows } from "./read-rows.ts";
import { isRow, messagesOf, type Row, RowFault } from "./row-fields.ts";

/** Fields that may hold a prompt as text or as messages, in the order they are tried. */
const PROMPT_FIELDS = ["prompt", "instruction", "question"] as const;

/**
 * Prompts of a file that `readRows` can read: `messages`, or one of `prompt`, `instruction`, `question`. Files of preference pairs are read too.
 * `badRows` "skip" leaves rows out that hold none.
 * @throws DataError naming file and line.
 */
export async function readPrompts(file: string, badRows: BadRows = "strict"): Promise<readonly Prompt[]> {
  const prompts: Prompt[] = [];
  for await (const { line, value } of readRows(file)) {
    try {
      const messages = messagesOfRow(value);
      prompts.push({ id: promptId(messages), messages });
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      if (badRows === "skip") continue;
      throw new DataError(`${file}:${line}: ${error.message}`);
    }
  }
  if (prompts.length === 0) throw new DataError(`${file}: holds no rows; give one prompt a line`);
  return prompts;
}

/** A prompt given as text. */
export function textPrompt(text: string): Prompt {
  const messages: Message[] = [{ role: "user", content: text }];
  return { id: promptId(messages), messages };
}

/** The prompt of a row as messages. @throws RowFault */
export function messagesOfRow(row: Row): Message[] {
  if (row["messages"] !== undefined) return withSystem(row, messagesOf(row["messages"], "messages"));
  if (isRow(row["prompt"])) return messagesOf(row["prompt"]["messages"], "prompt.messages");
  const field = PROMPT_FIELDS.find((name) => row[name] !== undefined) ?? PROMPT_FIELDS[0];
  return promptOf(row, field === "instruction" ? [field, "input"] : [field]);
}
