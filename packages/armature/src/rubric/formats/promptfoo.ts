import { isRow, type Row, RowFault } from "../../data/row-fields.ts";
import type { Criterion } from "../rubric.ts";
import type { RubricItem } from "../rubric-item.ts";
import { type Field, list, name, number, type OpenRow, promptText, requiredText, valueAt } from "./field.ts";
import { layoutFormat } from "./layout.ts";
import { listOf } from "./native.ts";
import type { RubricFormat } from "./rubric-format.ts";

/** Variables that usually hold what is asked, in this order. */
const PROMPT_VARIABLES = ["prompt", "question", "query", "input", "instruction", "message", "topic"];
/** Assertions of a model's judgement while they stand apart. */
const RUBRICS = "llm-rubric assertions";
const isRubric = (item: unknown): item is Row =>
  isRow(item) && (item["type"] === "llm-rubric" || item["type"] === "not-llm-rubric");

const type: Field<Criterion["polarity"]> = {
  path: "type",
  decode: (raw) => (raw === "not-llm-rubric" ? "bad" : "good"),
  encode: (polarity) => (polarity === "bad" ? "not-llm-rubric" : "llm-rubric"),
};

const test = layoutFormat({
  name: "promptfoo",
  about: "one test",
  detect: () => null,
  prompt: {
    ...promptText("vars"),
    within: true,
    decode: (vars) => {
      const variable = PROMPT_VARIABLES.find(
        (known) => typeof valueAt(isRow(vars) ? vars : {}, known) === "string",
      );
      return variable === undefined ? undefined : promptText(variable).decode((vars as Row)[variable]);
    },
    encode: (messages) => ({ prompt: promptText("prompt").encode(messages) }),
  },
  list: list(RUBRICS),
  criterion: {
    polarity: type,
    text: requiredText("value"),
    weight: number("weight", 1),
    title: name("metric"),
  },
  sign: "own",
  toWrite: (criterion) => ({ ...criterion, weight: Math.abs(criterion.weight) }),
  reshape: {
    read: ({ assert, ...row }) => {
      const all = listOf(assert, "assert");
      const others = all.every(isRubric) ? {} : { assert: all.map((item) => (isRubric(item) ? null : item)) };
      return { ...row, ...others, [RUBRICS]: all.filter(isRubric) };
    },
    write: ({ [RUBRICS]: rubrics, assert, ...row }) => ({
      ...row,
      assert: filled((assert as readonly unknown[] | undefined) ?? [], rubrics as readonly unknown[]),
    }),
  },
});

/** Puts items where the nulls are, and the rest of them at the end. */
function filled(places: readonly unknown[], items: readonly unknown[]): readonly unknown[] {
  const left = [...items];
  const whole = places.flatMap((place) => (place === null ? left.splice(0, 1) : [place]));
  return [...whole, ...left];
}

const hasRubric = (item: unknown): item is Row =>
  isRow(item) && Array.isArray(item["assert"]) && item["assert"].some(isRubric);

/**
 * promptfoo: a configuration whose tests assert `llm-rubric`; each such test is an item. The rest of the configuration stays
 * in the first item's `extra` as `config`.
 */
export const promptfooFormat: RubricFormat = {
  name: "promptfoo",
  about: "promptfoo: tests with llm-rubric assertions, YAML or JSON",
  stored: "document",
  mapping: [
    ["tests[].vars.prompt, question, query, input …", "prompt"],
    ["tests[].assert[].value", "criterion.text"],
    ["tests[].assert[].type", "criterion.polarity"],
    ["tests[].assert[].weight", "criterion.weight"],
    ["tests[].assert[].metric", "criterion.title"],
  ],
  detect: ({ tests }) =>
    Array.isArray(tests) && tests.some(hasRubric)
      ? { sure: true, because: "tests that assert llm-rubric" }
      : null,
  read: ({ tests, ...others }) => {
    const all = listOf(tests, "tests");
    const nothingElse = all.every(hasRubric) && Object.keys(others).length === 0;
    const config = { ...others, tests: all.map((item) => (hasRubric(item) ? null : item)) };
    return all.filter(hasRubric).map((item, i): RubricItem => {
      const { id: _, ...read } = readTest(item, i);
      const extra = { ...read.extra, ...(i === 0 && !nothingElse && { config }) };
      const id = `test-${i + 1}`;
      return { id, ...read, ...(Object.keys(extra).length > 0 && { extra }) };
    });
  },
  write: (items) => {
    const config = (items[0]?.format === "promptfoo" ? items[0].extra?.["config"] : undefined) as
      | OpenRow
      | undefined;
    const tests = items.flatMap((item) => {
      const { config: _, ...extra } = item.extra ?? {};
      return test.write([{ ...item, extra }]);
    });
    return [{ ...config, tests: filled((config?.["tests"] as readonly unknown[] | undefined) ?? [], tests) }];
  },
};

function readTest(item: Row, index: number): RubricItem {
  try {
    return test.read(item)[0]!;
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    throw new RowFault(error.reason, `tests[${index}]:`, error.message);
  }
}
