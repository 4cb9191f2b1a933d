import type { Message } from "../../data/prompt.ts";
import { isRow, type Row, RowFault } from "../../data/row-fields.ts";
import { type Field, list, name, type OpenRow, requiredText, texts } from "./field.ts";
import { layoutFormat } from "./layout.ts";

const WEIGHT_CLASSES = [
  "critically important",
  "important",
  "slightly important",
  "slightly detrimental",
  "detrimental",
  "critically detrimental",
];
const TURNS = "turns of the conversation";

/**
 * PRBench (Scale AI): multi-turn tasks; a criterion's weight stands in the field that its weight class names, negative for
 * what is detrimental.
 */
export const prBenchFormat = layoutFormat({
  name: "prbench",
  about: "PRBench: title, annotations with a weight class and its signed weight",
  detect: (row) => {
    const items = row["rubric"];
    const own =
      Array.isArray(items) &&
      items.length > 0 &&
      items.every(
        (item) => isRow(item) && isRow(item["annotations"]) && "weight_class" in item["annotations"],
      );
    return own ? { sure: true, because: "rubric with annotations.weight_class" } : null;
  },
  id: name("task"),
  prompt: conversation(),
  list: list("rubric"),
  criterion: {
    id: name("id"),
    text: requiredText("title"),
    weight: classWeight(),
    tags: { ...texts("annotations.criteria_category"), encode: (tags) => tags[0] },
  },
  sign: "signed",
  sourceNames: {
    [TURNS]: "prompt_0, response_0, prompt_1 …",
    "rubric[].annotations": "rubric[].annotations.(weight_class)_weight",
  },
  reshape: { read: gatherTurns, write: spreadTurns },
  derive: (row, _, isNew) => {
    const turns = row[TURNS] as readonly Message[] | undefined;
    if (isNew) row["turns"] = turns?.filter(({ role }) => role === "user").length ?? 0;
  },
});

function classWeight(): Field<number> {
  const decode = (raw: unknown) => {
    if (!isRow(raw))
      throw new RowFault("missing-field", "annotations", "is missing; add weight_class and its weight");
    const weight = raw[fieldOf(String(raw["weight_class"]))];
    if (typeof weight === "number" && Number.isFinite(weight)) return weight;
    throw new RowFault(
      "missing-field",
      `annotations.${fieldOf(String(raw["weight_class"]))}`,
      "is missing; add the weight",
    );
  };
  return {
    path: "annotations",
    within: true,
    decode,
    encode: (weight) => {
      // The bounds of the published classes: 8 to 10, 4 to 7, 1 to 3, and the same below zero.
      const size = Math.abs(weight);
      const rank = size >= 8 ? 0 : size >= 4 ? 1 : 2;
      const weightClass = WEIGHT_CLASSES[weight < 0 ? 5 - rank : rank]!;
      return { weight_class: weightClass, [fieldOf(weightClass)]: weight };
    },
  };
}

function fieldOf(weightClass: string): string {
  return `${weightClass.replaceAll(" ", "_")}_weight`;
}

function conversation(): Field<readonly Message[]> {
  return {
    path: TURNS,
    decode: (raw) => raw as readonly Message[] | undefined,
    encode: (value) => value,
  };
}

/** `prompt_0`, `response_0`, `prompt_1` … as one list; the last turn is the user's. Turns that are null are none. */
function gatherTurns(row: OpenRow): OpenRow {
  const turns: Message[] = [];
  const rest = { ...row };
  for (let i = 0; typeof row[`prompt_${i}`] === "string"; i++) {
    turns.push({ role: "user", content: row[`prompt_${i}`] as string });
    delete rest[`prompt_${i}`];
    const answer = row[`response_${i}`];
    if (typeof answer !== "string" || typeof row[`prompt_${i + 1}`] !== "string") break;
    turns.push({ role: "assistant", content: answer });
    delete rest[`response_${i}`];
  }
  return turns.length === 0 ? rest : { ...rest, [TURNS]: turns };
}

function spreadTurns({ [TURNS]: turns, ...row }: OpenRow): Row {
  const users = (turns as readonly Message[] | undefined)?.filter(({ role }) => role === "user") ?? [];
  const answers = (turns as readonly Message[] | undefined)?.filter(({ role }) => role === "assistant") ?? [];
  const spread = (name: string, list: readonly Message[]) =>
    Object.fromEntries(list.map(({ content }, i) => [`${name}_${i}`, content]));
  return {
    ...row,
    ...spread("prompt", users),
    ...spread("response", answers),
    turns: row["turns"] ?? users.length,
  };
}
