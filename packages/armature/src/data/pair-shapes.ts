import {
  answered,
  firstWins,
  lastTurns,
  type PairContent,
  promptOf,
  turnsOf,
  withSystem,
} from "./pair-content.ts";
import { isRow, messagesOf, type Row } from "./row-fields.ts";

export type PairShapeName =
  | "conversations"
  | "implicit-prompt"
  | "prompt-chosen-rejected"
  | "transcripts"
  | "two-responses";

/** A layout of rows in which preference data is published. */
export interface PairShape {
  readonly name: PairShapeName;
  /** The fields that this shape would read from the row, or null where the row has another shape. */
  fields(row: Row): readonly string[] | null;
  /** Reads those fields. Throws `RowFault`. */
  read(row: Row, fields: readonly string[]): PairContent;
}

const ANSWER_FIELDS = [
  ["response_a", "response_b"],
  ["response_1", "response_2"],
  ["response1", "response2"],
  ["output_1", "output_2"],
  ["completion_a", "completion_b"],
] as const;
const CONVERSATION_FIELDS = [
  ["chosen", "rejected"],
  ["text_chosen", "text_rejected"],
] as const;
const WINNER_FIELDS = ["winner", "label", "preference", "preferred"];

/** In the order of trial: a shape may rely on those before it not fitting. */
export const PAIR_SHAPES: readonly PairShape[] = [
  {
    // LLaMA-Factory: `conversations` of {from, value}, `chosen` and `rejected` one message each.
    name: "conversations",
    fields: (row) => present(row, ["conversations", "chosen", "rejected"]),
    read: (row) =>
      answered(withSystem(row, messagesOf(row["conversations"], "conversations")), row, "chosen", "rejected"),
  },
  {
    // TRL, UltraFeedback, Skywork: both sides are whole conversations; a `prompt` beside them only repeats a part.
    name: "implicit-prompt",
    fields: (row) =>
      CONVERSATION_FIELDS.find((pair) => pair.every((field) => isConversation(row[field]))) ?? null,
    read: (row, fields) => {
      const pair = fields as readonly [string, string];
      return lastTurns(messagesOf(row[pair[0]], pair[0]), messagesOf(row[pair[1]], pair[1]), pair);
    },
  },
  {
    // TRL, OpenRLHF, Alpaca: the prompt, and answers to it, as texts or as messages.
    name: "prompt-chosen-rejected",
    fields: (row) => {
      const prompt = promptFields(row);
      return prompt && present(row, [...prompt, "chosen", "rejected"]);
    },
    read: (row, fields) => answered(promptOf(row, fields.slice(0, -2)), row, "chosen", "rejected"),
  },
  {
    // Anthropic HH: both sides are transcripts `\n\nHuman: …\n\nAssistant: …`.
    name: "transcripts",
    fields: (row) => {
      const pair = present(row, ["chosen", "rejected"]);
      return pair?.every((field) => /^\s*Human:/.test(String(row[field]))) ? pair : null;
    },
    read: (row) =>
      lastTurns(turnsOf(row["chosen"], "chosen"), turnsOf(row["rejected"], "rejected"), [
        "chosen",
        "rejected",
      ]),
  },
  {
    // OpenRubrics, LLMBar, Arena, Tulu: two answers and which of them won.
    name: "two-responses",
    fields: (row) => {
      const prompt = promptFields(row);
      const answers = ANSWER_FIELDS.find((pair) => present(row, pair));
      const winner = WINNER_FIELDS.find((field) => field in row);
      return prompt && answers && winner ? [...prompt, ...answers, winner] : null;
    },
    read: (row, fields) => {
      const [a, b, winner] = fields.slice(-3) as [string, string, string];
      const messages = promptOf(row, fields.slice(0, -3));
      return firstWins(row[winner], winner) ? answered(messages, row, a, b) : answered(messages, row, b, a);
    },
  },
];

function present(row: Row, fields: readonly string[]): readonly string[] | null {
  return fields.every((field) => field in row) ? fields : null;
}

function promptFields(row: Row): readonly string[] | null {
  const alpaca = present(row, ["instruction", "input"]);
  if (alpaca) return alpaca;
  const field = ["prompt", "instruction", "question", "input"].find((name) => name in row);
  return field === undefined ? null : [field];
}

/** A list that starts with the prompt, unlike a list that holds an answer alone. */
function isConversation(value: unknown): boolean {
  if (!Array.isArray(value) || value.length < 2 || !isRow(value[0])) return false;
  return !["assistant", "gpt"].includes(String(value[0]["role"] ?? value[0]["from"]));
}
