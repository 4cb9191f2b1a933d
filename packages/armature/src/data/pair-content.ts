import type { Message } from "./prompt.ts";
import { isRow, messageOf, messagesOf, type Row, RowFault, textOf, wrongType } from "./row-fields.ts";

/** What every shape is read into: a conversation up to the user's last turn and two answers to it. */
export interface PairContent {
  readonly messages: readonly Message[];
  readonly chosen: string;
  readonly rejected: string;
}

/** A prompt as messages, or as the texts of one or more fields (Alpaca's `input` stands below its `instruction`). */
export function promptOf(row: Row, fields: readonly string[]): Message[] {
  const [first = "prompt", ...rest] = fields;
  if (Array.isArray(row[first])) return withSystem(row, messagesOf(row[first], first));
  const below = rest
    .map((field) => row[field])
    .filter((text) => typeof text === "string" && text.trim() !== "");
  return withSystem(row, [{ role: "user", content: [textOf(row[first], first), ...below].join("\n\n") }]);
}

/** The messages after the row's own `system` text, where it has one. */
export function withSystem(row: Row, messages: Message[]): Message[] {
  const system = row["system"];
  if (typeof system !== "string" || system.trim() === "" || messages[0]?.role === "system") return messages;
  return [{ role: "system", content: system }, ...messages];
}

/** A prompt with the answers that stand in two fields of the row. */
export function answered(
  messages: readonly Message[],
  row: Row,
  chosen: string,
  rejected: string,
): PairContent {
  if (messages.at(-1)?.role !== "user") {
    throw new RowFault("no-user-turn", "the prompt", "does not end with a user's turn; remove the row");
  }
  const pair = {
    messages,
    chosen: answerOf(row[chosen], chosen),
    rejected: answerOf(row[rejected], rejected),
  };
  if (pair.chosen !== pair.rejected) return pair;
  throw new RowFault("identical-responses", rejected, `equals ${chosen}; remove the row`);
}

/** An answer as text, as a message, or as a list of one message. */
function answerOf(value: unknown, field: string): string {
  const message: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (Array.isArray(message)) throw wrongType(value, field, "give the answer's message alone");
  if (!isRow(message)) return textOf(message, field);
  const { role, content } = messageOf(message, field);
  if (role === "assistant") return content;
  throw new RowFault("unknown-role", field, `is the ${role}'s turn; give the assistant's`);
}

/** Splits two conversations that differ in their last turn only into the shared prompt and the two answers. */
export function lastTurns(
  chosen: readonly Message[],
  rejected: readonly Message[],
  [chosenField, rejectedField]: readonly [string, string],
): PairContent {
  const shared = chosen.findIndex(
    (turn, i) => turn.role !== rejected[i]?.role || turn.content !== rejected[i]?.content,
  );
  if (shared < 0 && chosen.length === rejected.length)
    throw new RowFault("identical-responses", rejectedField, `equals ${chosenField}; remove the row`);
  if (shared !== chosen.length - 1 || shared !== rejected.length - 1) {
    const turn = shared < 0 ? chosen.length : shared;
    const what = `differs from ${chosenField}, and it is not the last turn of both; remove the row`;
    throw new RowFault("differs-early", `${rejectedField}[${turn}]`, what);
  }
  const answers = { [chosenField]: chosen[shared], [rejectedField]: rejected[shared] };
  return answered(chosen.slice(0, shared), answers, chosenField, rejectedField);
}

/** Turns of a transcript `\n\nHuman: …\n\nAssistant: …`. */
export function turnsOf(value: unknown, field: string): Message[] {
  const parts = textOf(value, field)
    .split(/(?:^|\n\n)\s*(Human|Assistant):/)
    .slice(1);
  return Array.from({ length: parts.length / 2 }, (_, i) => ({
    role: parts[2 * i] === "Human" ? "user" : "assistant",
    content: textOf(parts[2 * i + 1]?.trim(), `${field}[${i}]`),
  }));
}

const WINNER =
  /^(?:(?:response|output|model|answer|completion|assistant)[ _-]?)?([ab12])(?:-is-(?:slightly-)?better)?$/;

/** Whether the first of two answers won: `A`, `response_b`, `Model A`, 1, "2", `b-is-slightly-better`. A tie is a fault. */
export function firstWins(value: unknown, field: string): boolean {
  const named = String(value ?? "")
    .trim()
    .toLowerCase();
  if (/^(tie|draw|both|neither|same|equal)\b/.test(named))
    throw new RowFault("tie", field, `is ${JSON.stringify(value)}; only rows with a winner can be used`);
  const side = WINNER.exec(named)?.[1];
  if (side !== undefined) return side === "a" || side === "1";
  throw new RowFault("unknown-winner", field, `is ${JSON.stringify(value) ?? "missing"}; write A, B, 1 or 2`);
}
