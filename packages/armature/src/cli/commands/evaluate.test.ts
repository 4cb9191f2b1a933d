import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { armature, inScratchFolder } from "../../../test/cli/command-line.ts";

const scratch = inScratchFolder();

function write(name: string, rows: readonly object[]): void {
  writeFileSync(join(scratch.path, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

function writeModel(name: string, replies: readonly { contains?: string; reply: string }[]): void {
  writeFileSync(join(scratch.path, name), JSON.stringify({ kind: "scripted", replies }));
}

const run = (...args: string[]) => armature(scratch.path, ["evaluate", ...args]);

async function measured(...args: string[]) {
  const { code, stdout, stderr } = await run(...args, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

const values = (result: { measures: { measure: string; value: { value: number } | null }[] }) =>
  Object.fromEntries(result.measures.map(({ measure, value }) => [measure, value?.value ?? null]));

const INSTRUCTIONS = [
  {
    ...{ key: 1, prompt: "No commas, quoted.", kwargs: [{}, {}] },
    instruction_id_list: ["punctuation:no_comma", "startend:quotation"],
  },
  { key: 2, prompt: "No commas.", instruction_id_list: ["punctuation:no_comma"], kwargs: [{}] },
  { key: 3, prompt: "Start with a verb.", instruction_id_list: ["words:start_verb"], kwargs: [{}] },
];

describe("armature evaluate with verifiable instructions", () => {
  it("grades a file of responses by prompt and by instruction, strictly and loosely", async () => {
    write("instructions.jsonl", INSTRUCTIONS);
    write("responses.jsonl", [
      { prompt: "No commas, quoted.", response: 'Sure:\n"yes"' },
      { prompt: "Start with a verb.", response: "Go." },
      { prompt: "No commas.", response: "one, two" },
    ]);
    const result = await measured("ifeval", "instructions.jsonl", "--responses", "responses.jsonl");
    expect(values(result)).toEqual({
      "prompt-strict": 0,
      "instruction-strict": 1 / 3,
      "prompt-loose": 1 / 2,
      "instruction-loose": 2 / 3,
    });
    expect(result.responses).toMatchObject({ graded: 2, unmeasured: 1, missing: 0 });
    expect(
      result.groups.map(({ measure, group, count, value }: Record<string, { value: number }>) => [
        ...[measure, group, count],
        value!.value,
      ]),
    ).toContainEqual(["instruction-strict", "punctuation:no_comma", 2, 0.5]);
  });

  it("asks a policy, and goes on from its log", async () => {
    write("instructions.jsonl", INSTRUCTIONS.slice(0, 2));
    writeModel("policy.yaml", [{ contains: "quoted", reply: '"yes"' }, { reply: "<think>,</think>no" }]);
    const first = await measured("ifeval", "instructions.jsonl", "--policy", "policy.yaml", "--out", "out");
    expect(values(first)).toMatchObject({ "prompt-strict": 1, "instruction-loose": 1 });
    const log = readFileSync(join(scratch.path, "out/calls.jsonl"), "utf8");
    const again = await measured("ifeval", "instructions.jsonl", "--policy", "policy.yaml", "--out", "out");
    expect(again.rows).toEqual(first.rows);
    expect(readFileSync(join(scratch.path, "out/calls.jsonl"), "utf8")).toBe(log);
    const html = readFileSync(join(scratch.path, "out/report.html"), "utf8");
    expect(html).toContain("prompt level, strict");
    const filed = await measured("ifeval", "instructions.jsonl", "--responses", "out/responses.jsonl");
    expect(values(filed)).toEqual(values(first));
  });

  it("writes prompts for others to answer", async () => {
    write("instructions.jsonl", INSTRUCTIONS);
    const args = ["ifeval", "instructions.jsonl", "--limit", "1", "--write-prompts", "prompts.jsonl"];
    expect((await run(...args)).code).toBe(0);
    expect(JSON.parse(readFileSync(join(scratch.path, "prompts.jsonl"), "utf8"))).toEqual({
      id: "1",
      prompt: [{ role: "user", content: "No commas, quoted." }],
    });
  });
});

const GPQA = [1, 2, 3].map((n) => ({
  "Record ID": `rec${n}`,
  Question: `Question ${n}?`,
  "Correct Answer": "right\n",
  "Incorrect Answer 1": "wrong",
  "Incorrect Answer 2": "false",
  "Incorrect Answer 3": 4,
  "High-level domain": n === 3 ? "Chemistry" : "Physics",
}));

describe("armature evaluate with multiple choice", () => {
  it("permutes GPQA's options in each run from its seed, and counts what cannot be read as wrong", async () => {
    write("gpqa.jsonl", GPQA);
    writeModel("policy.yaml", [
      { contains: "Question 1", reply: "\\boxed{right}" },
      { contains: "Question 2", reply: "\\boxed{A}" },
      { reply: "It is B." },
    ]);
    const args = ["gpqa-diamond", "gpqa.jsonl", "--policy", "policy.yaml", "--runs", "40"];
    const result = await measured(...args);
    const of = (question: string) =>
      result.rows.filter((row: { question: string }) => row.question === question);
    const right = (question: string) =>
      of(question).filter((row: { values: { accuracy: number } }) => row.values.accuracy === 1).length;
    expect(right("rec1")).toBe(40);
    // A is the right one in a quarter of the orders: 1 to 19 of 40 with a probability of 1 − 2e-4.
    expect(right("rec2")).toBeGreaterThan(0);
    expect(right("rec2")).toBeLessThan(20);
    expect(right("rec3")).toBe(0);
    expect(result.unreadable).toEqual({ "no-box": 40 });
    expect(result.questions).toBe(3);
    expect(result.measures[0].value.clusters).toBe(3);
    expect(JSON.stringify(result)).not.toContain("Question 1?");
    const page = (await run(...args)).stdout;
    expect(page).toMatch(/\| rec2\\?#\d+ \| A, not [BCD] \|/);
    expect(page).not.toContain("Question 3?");
    expect((await measured(...args)).rows).toEqual(result.rows);
    expect((await measured(...args, "--seed", "1")).rows).not.toEqual(result.rows);
  });

  it("grades answers from elsewhere only where they saw the same order of options", async () => {
    write("gpqa.jsonl", GPQA);
    await run("gpqa-diamond", "gpqa.jsonl", "--runs", "3", "--write-prompts", "prompts.jsonl");
    const prompts = readFileSync(join(scratch.path, "prompts.jsonl"), "utf8").trim().split("\n");
    write(
      "answers.jsonl",
      prompts.map((line) => ({ ...JSON.parse(line), response: "\\boxed{right}" })),
    );
    const args = ["gpqa-diamond", "gpqa.jsonl", "--responses", "answers.jsonl", "--runs", "3"];
    expect((await measured(...args)).responses).toMatchObject({ graded: 9, missing: 0 });
    const other = await measured(...args, "--seed", "1");
    expect(other.responses.missing).toBeGreaterThan(0);
    expect(values(other)).toEqual({ accuracy: 1 });
  });

  it("joins by the id where the prompt was worded anew, and takes thoughts away", async () => {
    write("instructions.jsonl", INSTRUCTIONS.slice(1, 2));
    write("answers.jsonl", [{ id: "2", prompt: "Please: no commas.", response: "<think>a, b</think>fine" }]);
    const result = await measured("ifeval", "instructions.jsonl", "--responses", "answers.jsonl");
    expect(values(result)).toMatchObject({ "prompt-strict": 1 });
  });

  it("keeps the order of MMLU and MedQA, which options may refer to", async () => {
    writeModel("policy.yaml", [{ reply: "\\boxed{B}" }]);
    write("mmlu.jsonl", [
      { subject: "anatomy", question: "q1", choices: ["a", "b", "c", "A and B"], answer: "B" },
      { subject: "anatomy", question: "q2", choices: ["a", "b"], answer: 0 },
      { subject: "virology", question: "q3", choices: ["a", "b"], answer: 1 },
    ]);
    const result = await measured("mmlu", "mmlu.jsonl", "--policy", "policy.yaml");
    expect(values(result)).toEqual({ accuracy: 2 / 3 });
    expect(result.groups.map(({ group }: { group: string }) => group)).toEqual(["anatomy", "virology"]);
    const one = await measured("mmlu", "mmlu.jsonl", "--policy", "policy.yaml", "--subset", "virology");
    expect(values(one)).toEqual({ accuracy: 1 });
    write("medqa.jsonl", [
      { question: "q", answer: "b", options: { A: "a", B: "b" }, meta_info: "step1", answer_idx: "B" },
    ]);
    expect(values(await measured("medqa", "medqa.jsonl", "--policy", "policy.yaml"))).toEqual({
      accuracy: 1,
    });
  });
});

const criterion = (text: string, points: number, ...tags: string[]) => ({ criterion: text, points, tags });

describe("armature evaluate with a judge", () => {
  it("scores HealthBench by conversation, theme and axis, and clips only the mean", async () => {
    write("health.jsonl", [
      {
        prompt_id: "h1",
        prompt: [{ role: "user", content: "My knee hurts." }],
        example_tags: ["theme:hedging"],
        rubrics: [
          criterion("Says to rest", 5, "axis:accuracy"),
          criterion("Says to see someone", 5, "axis:completeness"),
          criterion("Is rude", -4, "axis:accuracy"),
        ],
      },
      {
        prompt_id: "h2",
        prompt: [{ role: "user", content: "My ear hurts." }],
        example_tags: ["theme:context_seeking"],
        rubrics: [criterion("Says to wait", 2, "axis:accuracy"), criterion("Is rude", -10, "axis:accuracy")],
      },
    ]);
    writeModel("policy.yaml", [{ reply: "Rest." }]);
    const met = (value: boolean) => `{"explanation": "so", "criteria_met": ${value}}`;
    writeModel("judge.yaml", [
      { contains: "Says to rest", reply: met(true) },
      { contains: "Is rude", reply: met(true) },
      { contains: "see someone", reply: "I cannot help with that." },
      { reply: met(false) },
    ]);
    const args = ["healthbench", "health.jsonl", "--policy", "policy.yaml", "--judge", "judge.yaml"];
    const result = await measured(...args);
    // (5 − 4) / 5 with the refused verdict left out, and −10 / 2: their mean is below 0 and is clipped.
    expect(result.rows.map((row: { values: { score: number } }) => row.values.score)).toEqual([0.2, -5]);
    expect(values(result)).toEqual({ score: 0 });
    expect(result.failedVerdicts).toEqual({ refusal: 1 });
    const groups = Object.fromEntries(
      result.groups.map(({ group, value }: { group: string; value: { value: number } }) => [
        group,
        value.value,
      ]),
    );
    expect(groups).toEqual({
      "axis:accuracy": 0,
      "theme:context_seeking": 0,
      "theme:hedging": 0.2,
    });
    expect(result.judge).toMatch(/^healthbench:/);
  });

  it("averages MultiChallenge over axes and asks the one question", async () => {
    const row = (id: string, axis: string, pass: string) => ({
      ...{ QUESTION_ID: id, AXIS: axis, PASS_CRITERIA: pass },
      CONVERSATION: [{ role: "user", content: id }],
      TARGET_QUESTION: `Is it ${id}?`,
      RESPONSES: { m1: `this is ${id}`, m2: "no" },
    });
    write("multi.jsonl", [row("q1", "A", "YES"), row("q2", "A", "YES"), row("q3", "B", "NO")]);
    const verdict = (said: string) => `{"id": "c1", "reason": "so", "verdict": "${said}"}`;
    writeModel("judge.yaml", [{ contains: "Is it q2?", reply: verdict("no") }, { reply: verdict("yes") }]);
    const result = await measured("multichallenge", "multi.jsonl", "--given", "m1", "--judge", "judge.yaml");
    // A: q1 passes, q2 does not; B: yes where NO passes.
    expect(values(result)).toEqual({ score: 0.25 });
    expect(result.policy).toBe("m1");
  });

  it("gives BiGGen-Bench's levels as scores of 1 to 5", async () => {
    const levels = Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`score${n}_description`, `level ${n}`]));
    write("biggen.jsonl", [
      {
        ...{
          id: "b1",
          capability: "planning",
          system_prompt: "You plan.",
          input: "Plan.",
          reference_answer: "P",
        },
        score_rubric: { criteria: "Is it planned?", ...levels },
      },
    ]);
    writeModel("policy.yaml", [{ reply: "A plan." }]);
    writeModel("judge.yaml", [{ reply: '{"id": "c1", "reason": "so", "verdict": "4"}' }]);
    const result = await measured(
      "biggen",
      "biggen.jsonl",
      "--policy",
      "policy.yaml",
      "--judge",
      "judge.yaml",
    );
    expect(values(result)).toEqual({ score: 4 });
  });

  it("takes the verdicts that HelloBench's own files hold", async () => {
    write("hello.jsonl", [
      {
        ...{ id: "c1", category: "chat", instruction: "Write.", checklists: ["Is it long?", "Is it good?"] },
        answers: [{ model: "m", response: "text", scores: [1, 0.5] }],
      },
    ]);
    expect(values(await measured("hellobench", "hello.jsonl", "--given"))).toEqual({ score: 0.75 });
  });

  it("scores any rubric file", async () => {
    write("own.jsonl", [
      {
        prompt: "Say hi.",
        rubric: { criteria: [{ id: "c1", text: "Says hi", weight: 1, polarity: "good" }] },
      },
    ]);
    writeModel("policy.yaml", [{ reply: "hi" }]);
    writeModel("judge.yaml", [{ reply: '{"id": "c1", "reason": "so", "verdict": "yes"}' }]);
    const args = ["rubrics", "own.jsonl", "--policy", "policy.yaml", "--judge", "judge.yaml"];
    expect(values(await measured(...args))).toEqual({ score: 1 });
  });

  it("counts a policy that fails, and fails where nothing was graded", async () => {
    write("instructions.jsonl", INSTRUCTIONS.slice(0, 2));
    writeModel("policy.yaml", [{ contains: "quoted", reply: '"a"' }]);
    const result = await measured("ifeval", "instructions.jsonl", "--policy", "policy.yaml");
    expect(result.responses).toMatchObject({ graded: 1, failed: { infrastructure: 1 } });
    expect(values(result)).toMatchObject({ "prompt-strict": 1 });
    writeModel("silent.yaml", [{ contains: "never", reply: "x" }]);
    const silent = await run("ifeval", "instructions.jsonl", "--policy", "silent.yaml");
    expect(silent.code).toBe(1);
    expect(silent.stdout).toContain("The policy gave no response: 2 infrastructure.");
  });
});

describe("armature evaluate refuses", () => {
  it.each<[string, readonly string[], string]>([
    ["an unknown suite", ["ifevl"], "did you mean ifeval?"],
    ["a suite without files", ["gpqa-diamond"], "which files?"],
    ["no source", ["ifeval", "rows.jsonl"], "whose responses? give one of --policy"],
    ["two sources", ["ifeval", "rows.jsonl", "--policy", "p.yaml", "--given"], "not --policy and --given"],
    [
      "a judge that is not needed",
      ["ifeval", "rows.jsonl", "--policy", "p.yaml", "--judge", "j.yaml"],
      "ifeval is graded by program",
    ],
    ["a missing judge", ["healthbench", "rows.jsonl", "--policy", "p.yaml"], "healthbench needs a judge"],
    [
      "greedy runs that are the same",
      ["ifeval", "rows.jsonl", "--policy", "p.yaml", "--runs", "2"],
      "2 greedy runs of ifeval are the same",
    ],
    ["a bad row", ["ifeval", "bad.jsonl", "--given"], 'bad.jsonl:1: instruction_id_list[0] is "nope"'],
    [
      "responses to other prompts",
      ["ifeval", "rows.jsonl", "--responses", "other.jsonl"],
      "none of its 1 prompts",
    ],
    ["a model without responses", ["ifeval", "rows.jsonl", "--given", "x"], "hold no responses"],
    [
      "a subset that is not there",
      ["ifeval", "rows.jsonl", "--given", "--subset", "x"],
      "there are punctuation",
    ],
  ])("%s", async (_, args, message) => {
    write("rows.jsonl", INSTRUCTIONS.slice(0, 1));
    write("bad.jsonl", [{ prompt: "p", instruction_id_list: ["nope"], kwargs: [{}] }]);
    write("other.jsonl", [{ prompt: "another", response: "r" }]);
    const { code, stderr } = await run(...args, "--out", "refused");
    expect(stderr).toContain(message);
    expect(code).not.toBe(0);
    expect(existsSync(join(scratch.path, "refused/result.json"))).toBe(false);
  });
});
