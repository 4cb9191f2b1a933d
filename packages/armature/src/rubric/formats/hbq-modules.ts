import { isDeepStrictEqual } from "node:util";
import { isRow, type Row } from "../../data/row-fields.ts";
import type { Criterion } from "../rubric.ts";
import { type Field, list, name, number, type OpenRow, requiredText, text, texts } from "./field.ts";
import { layoutFormat } from "./layout.ts";

const FLAT = "questions of the tree";
const GROUPS = "groups";

const passAnswer: Field<Criterion["polarity"]> = {
  path: "pass_answer",
  decode: (raw) => (raw === "NO" ? "bad" : "good"),
  encode: (polarity) => (polarity === "bad" ? "NO" : "YES"),
};

const gate: Field<boolean> = {
  path: "question_type",
  decode: (raw) => (raw === "hard_gate" ? true : undefined),
  encode: (value) => (value ? "hard_gate" : "scored"),
};

/**
 * Modules of Creative-Writing-Rubrics (HBQ-RS): a tree of groups with yes-or-no questions as leaves. The leaves are the
 * criteria, tagged with their groups; weights are the leaves' own, what groups do with them is not in the model.
 */
export const hbqModuleFormat = layoutFormat({
  name: "hbq-module",
  about: "Creative-Writing-Rubrics: modules with a tree of weighted yes-or-no questions",
  detect: (row) =>
    "module_id" in row && Array.isArray(row["tree"]) ? { sure: true, because: "module_id and tree" } : null,
  id: name("module_id"),
  title: text("title"),
  list: list(FLAT),
  criterion: {
    id: name("id"),
    text: requiredText("text"),
    polarity: passAnswer,
    weight: number("weight", 1),
    gate,
    tags: texts(GROUPS),
  },
  sign: "own",
  sourceNames: Object.fromEntries(
    ["id", "text", "pass_answer", "weight", "question_type", GROUPS].map((field) => [
      `${FLAT}[].${field}`,
      `tree … ${field}`,
    ]),
  ),
  reshape: {
    // The tree stays in the row: it says where the questions go.
    read: (row) => ({ ...row, [FLAT]: leaves(row["tree"], []) }),
    write: ({ [FLAT]: flat, ...row }) => {
      const questions = flat as readonly OpenRow[];
      if (isDeepStrictEqual(leaves(row["tree"], []), questions)) return row;
      return {
        ...row,
        tree: questions.map(({ [GROUPS]: _, ...question }) => ({ ...question, type: "question" })),
      };
    },
  },
});

function leaves(nodes: unknown, groups: readonly string[]): readonly Row[] {
  if (!Array.isArray(nodes)) return [];
  return nodes.filter(isRow).flatMap((node): readonly Row[] => {
    if (Array.isArray(node["children"])) return leaves(node["children"], [...groups, String(node["id"])]);
    return typeof node["text"] === "string"
      ? [{ ...node, ...(groups.length > 0 && { [GROUPS]: groups }) }]
      : [];
  });
}
