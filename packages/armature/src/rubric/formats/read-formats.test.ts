import { describe, expect, it } from "vitest";
import { BENCHMARK_ROWS } from "../../../test/rubric/benchmark-rows.ts";
import { TRAINING_ROWS } from "../../../test/rubric/training-rows.ts";
import type { Row } from "../../data/row-fields.ts";
import { detectFormat } from "../detect-format.ts";
import type { Criterion } from "../rubric.ts";
import { rubricFormat } from "./all-formats.ts";

const user = (content: string) => ({ role: "user", content });
const ROWS = [...TRAINING_ROWS, ...BENCHMARK_ROWS];

/** JSON inside a text is compared by what it says. */
function withParsedTruth(row: Row): Row {
  const truth = row["ground_truth"];
  return typeof truth === "string" ? { ...row, ground_truth: JSON.parse(truth) } : row;
}

describe("foreign rows", () => {
  it.each(ROWS as [string, Row, Partial<Criterion>[], object?][])("%s", (name, row, criteria, rest = {}) => {
    const detection = detectFormat([row]);
    expect(detection.found && detection.format.name).toBe(name);
    const format = rubricFormat(name);
    const items = format.read(row);
    expect(items).toHaveLength(1);
    expect(items[0]!.rubric.criteria).toMatchObject(criteria);
    expect(items[0]).toMatchObject(rest);
    // Nothing is lost: the row comes back whole.
    expect(format.write(items).map(withParsedTruth)).toEqual([withParsedTruth(row)]);
  });

  it("keeps an edit, and everything around it", () => {
    const row = ROWS.find(([name]) => name === "rubric-hub")![1];
    const format = rubricFormat("rubric-hub");
    const [item] = format.read(row);
    const [first, ...others] = item!.rubric.criteria;
    const edited = { ...item!, rubric: { criteria: [{ ...first!, weight: 9, text: "A" }, ...others] } };
    const [written] = format.write([edited]) as [{ reward_model: { Rubric: Row[] }; extra_info: unknown }];
    expect(written.reward_model.Rubric[0]).toMatchObject({
      criterion: "A",
      points: 9,
      tags: { function: "max_words" },
    });
    expect(written.extra_info).toEqual({ index: 3 });
  });

  it.each([
    [
      "healthbench",
      { prompt: [user("Q")], rubrics: [{ criterion: "a", points: "x" }] },
      "rubrics[0].points is a string; give a finite number",
    ],
    [
      "healthbench",
      { prompt: [user("Q")], rubrics: [{ points: 1 }] },
      "rubrics[0].criterion is missing; add it or remove the row",
    ],
    ["healthbench", { prompt: [user("Q")], rubrics: [3] }, "rubrics[0] is a number; give an object"],
    ["healthbench", { prompt: [user("Q")], rubrics: [] }, /^rubrics is empty; /],
    [
      "chasing-the-tail",
      { prompt: "Q", rubrics: [{ criterion: "a", weight: -1 }] },
      /^rubrics\[0\]\.weight is -1, and this format has no negative weights; /,
    ],
    ["openrubrics", { prompt: "Q", rubric: "be nice" }, /^rubric is no numbered rubric \(stray-text/],
    [
      "nemo-gym",
      { rubric: [{ question: "Q", pass_criteria: "maybe" }] },
      /^rubric\[0\]\.pass_criteria is "maybe"; write YES or NO/,
    ],
    [
      "prbench",
      { rubric: [{ title: "Q", annotations: { weight_class: "important" } }] },
      /^rubric\[0\]\.annotations\.important_weight is missing/,
    ],
    ["dr-tulu", { ground_truth: "[]" }, /^ground_truth is no JSON object in a text/],
  ] as const)("%s says what is wrong with %j", (name, row, message) => {
    expect(() => rubricFormat(name).read(row as Row)).toThrow(message);
  });
});

describe("detectFormat", () => {
  it("refuses with the candidates when two formats fit equally", () => {
    const rows = [ROWS[0]![1], ROWS[1]![1]];
    expect(detectFormat(rows)).toEqual({ found: false, candidates: ["healthbench", "rar"] });
    expect(detectFormat([{ a: 1 }])).toEqual({ found: false, candidates: [] });
  });

  it("says in how many rows", () => {
    const detection = detectFormat([ROWS[0]![1], { a: 1 }]);
    expect(detection).toMatchObject({
      found: true,
      because: "rubrics of criterion and points in 1 of 2 rows",
    });
  });
});
