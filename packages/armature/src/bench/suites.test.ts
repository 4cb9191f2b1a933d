import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { rowOf, SMALL_ROWS } from "../../test/bench/small-suites.ts";
import { lastUserTurn } from "../data/prompt.ts";
import { readSuite } from "./read-suite.ts";
import { SUITES, suiteNamed } from "./suites.ts";

describe("every suite reads rows as they are published", () => {
  it("and none is without such rows", () =>
    expect(Object.keys(SMALL_ROWS).sort()).toEqual([...SUITES.keys()].sort()));

  const read = (name: string) => SMALL_ROWS[name]!.flatMap((row) => suiteNamed(name).read(row));
  const pair = (name: string) => {
    const [item] = read(name);
    return [item!.subset, lastUserTurn(item!.prompt), item!.chosen, item!.rejected];
  };

  it.each([
    ["llmbar", ["LLMBar/Natural", "Name a bird.", ["Wren"], ["Oak"]]],
    ["evalbiasbench", ["length bias", "Say hi.", ["Hi"], ["Hi and more"]]],
    ["ifbench-rm", ["level-1", "In one word?", ["Yes"], ["Yes indeed"]]],
    ["rm-bench-chat", ["normal", "Why?", ["So"], ["No"]]],
    ["judgebench-knowledge", ["gpt", "1 or 2?", ["1"], ["2"]]],
    ["hh-rlhf", ["harmless-base", "Hi", ["Hello"], ["Go away"]]],
    ["hhh", ["honest", "Who are you?", ["A program."], ["A king."]]],
    ["preference-pairs", ["ultrafeedback_eval", "Hi", ["Hello"], ["What"]]],
    ["rewardbench", ["mt-bench-easy", "Hi", ["Hello"], ["What"]]],
    ["judgebench", ["knowledge", "2 + 2?", ["4"], ["5"]]],
    ["ppe-human", ["English", "Hi", ["Hello"], ["Go"]]],
    ["ppe-correctness", ["math", "2 + 2?", ["4"], ["5"]]],
    ["helpsteer3", ["general", "Bye", ["Ciao"], ["What"]]],
    ["pairs", ["own", "Hi", ["Hello"], ["Go"]]],
    ["rewardbench-2", ["Focus", "Hi", ["Hello"], ["A", "B", "C"]]],
    ["auto-j", ["seeking_advice", "Which way?", ["Left."], ["No idea."]]],
    ["writing-preference", ["Fiction", "A story.", ["It rained."], ["It was a day."]]],
    ["rm-bench", ["chat", "Hi", ["a1", "a2", "a3"], ["b1", "b2", "b3"]]],
  ])("%s", (name, expected) => expect(pair(name)).toEqual(expected));

  it("pandalm takes the majority, keeps what each annotator said, and marks ties", () => {
    const [sum, yes, none] = read("pandalm");
    expect(lastUserTurn(sum!.prompt)).toBe("Add.\n\n2 + 2");
    expect(sum).toMatchObject({ chosen: ["4"], annotations: { said: [1, 1, 0], chosenFirst: true } });
    expect(yes).toMatchObject({ chosen: ["true"], annotations: { said: [-1, -1, -1], chosenFirst: false } });
    expect(none).toMatchObject({ tie: true, annotations: { said: [0, 1, -1] } });
  });

  it("auto-j keeps ties for agreement only", () => {
    expect(read("auto-j")[1]).toMatchObject({ tie: true, annotations: { said: [0], chosenFirst: true } });
  });

  it.each([
    ["infobench", "Easy_set", "Write a title.\n\nAbout avocados.", ["title 0", "title 2"], ["title 1"]],
    ["followbench", "format, level 2", "List two birds in capitals.", ["WREN, OAK"], ["wren"]],
  ])(
    "%s joins the answers of a prompt that pass and fail their checks",
    (name, subset, prompt, chosen, rejected) => {
      const [item, ...others] = suiteNamed(name).join!(read(name));
      expect(others).toEqual([]);
      expect(item).toMatchObject({ subset, chosen, rejected });
      expect(lastUserTurn(item!.prompt)).toBe(prompt);
    },
  );

  it("answers of two models are not compared, nor prompts without contrast", () => {
    const { read: readRow, join } = suiteNamed("infobench");
    const row = SMALL_ROWS["infobench"]![0]!;
    const parts = [
      { ...row.value, model: "a" },
      { ...row.value, model: "b", eval: [false, true] },
    ].flatMap((value) => readRow({ ...row, value }));
    expect(join!(parts)).toEqual([]);
  });

  it("ppe-correctness gives an item for each sampled pair, whichever of the two is right", () => {
    expect(read("ppe-correctness").map(({ chosen, rejected }) => [...chosen, ...rejected])).toEqual([
      ["4", "5"],
      ["4", "6"],
    ]);
  });

  it("gives equal items equal ids in every file", () => {
    const [row] = SMALL_ROWS["hhh"]!;
    const again = suiteNamed("hhh").read({ ...row!, file: "other.jsonl", line: 9 });
    expect(again[0]!.id).toBe(read("hhh")[0]!.id);
  });
});

describe("bad rows", () => {
  const hello = { prompt: "Hi", chosen: ["a"], rejected: ["b"], subset: "Ties" };
  it.each([
    [
      "pandalm",
      { instruction: "x", input: "", response1: "a", response2: "b", annotator1: 3 },
      /^annotator1 is 3; /,
    ],
    [
      "judgebench",
      { question: "x", response_A: "a", response_B: "b", label: "A" },
      /^label is "A"; write A>B or B>A/,
    ],
    ["helpsteer3", { context: [], overall_preference: "1" }, /^overall_preference is "1"; /],
    [
      "helpsteer3",
      { context: [], overall_preference: 0 },
      /^overall_preference is 0; only rows with a winner/,
    ],
    [
      "rm-bench",
      { prompt: "x", domain: "chat", chosen: ["a"], rejected: ["b"] },
      /^chosen has 1 responses; RM-Bench/,
    ],
    ["rewardbench-2", { ...hello, id: "7" }, /^id is "7"; rows of Ties are ref:N or tied:N/],
    ["rewardbench-2", { ...hello, id: "ref:1", chosen: [] }, /^chosen is empty; /],
    ["rewardbench-2", { ...hello, id: "ref:1", rejected: ["a"] }, /^rejected equals chosen; /],
    ["rewardbench-2", { ...hello, id: "ref:1", rejected: "b" }, /^rejected is a string; give a list/],
    [
      "ppe-correctness",
      { prompt: "x", scores: [1, 1], sampled_conflict_pairs: [[0, 1]] },
      /^sampled_conflict_pairs\[0\] is/,
    ],
    ["ppe-correctness", { prompt: "x", sampled_conflict_pairs: [] }, /^scores is missing; /],
    ["auto-j", { scenario: "x", prompt: "x", label: "1" }, /^label is "1"; write 0 \(first\), 1/],
    [
      "infobench",
      { instruction: "x", subset: "y", output: "z", eval: [] },
      /^eval is a list of 0; give a list of bool/,
    ],
    [
      "followbench",
      { instruction: "x", category: "style", level: "1" },
      /^level is a string; give the number/,
    ],
    [
      "writing-preference",
      { prompt: "x", genre: "g", chosen: { text: 1 }, rejected: "b" },
      /^chosen is a number/,
    ],
    ["llmbar", { input: "x", output_1: "a", output_2: "b", label: 1 }, /^subset is missing; /],
    ["pairs", { text: "x" }, /^a row with the fields text has no known shape; /],
  ])("%s refuses %j", (name, value, message) => {
    expect(() => suiteNamed(name).read(rowOf(value))).toThrow(message);
  });

  it("an unknown suite names the nearest one", () => {
    expect(() => suiteNamed("lmbar")).toThrow(
      /^no suite and no file lmbar; did you mean llmbar\? Suites are llmbar, /,
    );
  });
});

describe("real files", () => {
  const data = fileURLToPath(new URL("../../../../../shared/data/", import.meta.url));
  it.for([
    ["llmbar", 419, {}],
    ["evalbiasbench", 80, {}],
    ["pandalm", 944, { "empty-text": 55 }],
    ["ifbench-rm", 444, {}],
    ["rm-bench-chat", 774, {}],
    ["judgebench-knowledge", 308, {}],
    ["hh-rlhf", 2303, { "empty-text": 4, "differs-early": 5 }],
    ["hhh", 221, {}],
    ["preference-pairs", 1272, { tie: 376, "identical-responses": 2 }],
  ] as const)("%s", async ([name, items, leftOut], { skip }) => {
    const suite = suiteNamed(name);
    const files = suite.files.map((file) => `${data}${file}`);
    skip(!files.every((file) => existsSync(file)), `${name} is not beside the repository (../shared/data)`);
    const read = await readSuite(suite, files);
    expect(read.items).toHaveLength(items);
    expect(read.leftOut).toEqual(leftOut);
  });
});
