import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { armature, inScratchFolder } from "../../../test/cli/command-line.ts";
import { judgeByWords } from "../../../test/judge/word-judge.ts";
import { type Behaviour, type ChatRequest, ChatServer } from "../../../test/llm/chat-server.ts";
import { readRows } from "../../data/read-rows.ts";

const scratch = inScratchFolder();
let server: ChatServer;
let behave: (request: ChatRequest) => Behaviour;
beforeEach(async () => {
  behave = () => ({ kind: "answer" });
  server = await ChatServer.start({ answer: judgeByWords, behave: (request) => behave(request) });
});
afterEach(() => server.close());

const criterion = (word: string, more = {}) => ({ text: `Says ${word}.`, ...more });
const write = (name: string, rows: readonly object[]) =>
  writeFileSync(join(scratch.path, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
const read = (name: string) =>
  readFileSync(join(scratch.path, name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
const judge = (...args: string[]) =>
  armature(scratch.path, [
    "judge",
    ...args,
    "--model",
    server.url,
    "--model-name",
    "words",
    "--retries",
    "0",
  ]);

const ROWS = [
  {
    id: "one",
    prompt: "Greet.",
    rubric: {
      criteria: [
        criterion("hello", { weight: 3 }),
        criterion("friend"),
        criterion("damn", { weight: -2, polarity: "bad" }),
      ],
    },
    responses: [
      { text: "hello friend", model: "kind" },
      { text: "damn you", model: "rude" },
    ],
  },
  {
    id: "two",
    prompt: "Part.",
    rubric: { criteria: [criterion("bye")] },
    responses: [{ text: "bye", model: "kind" }],
  },
];

describe("armature judge --model", () => {
  it("judges every response, writes every verdict, and sums up", async () => {
    write("rows.jsonl", ROWS);
    const { code, stdout, stderr } = await judge("rows.jsonl", "--out", "scores.jsonl");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    const rows = read("scores.jsonl");
    expect(
      rows.map(({ id, response, model, score, coverage }) => [id, response, model, score, coverage]),
    ).toEqual([
      ["one", 0, "kind", 1, 1],
      ["one", 1, "rude", 0, 1],
      ["two", 0, "kind", 1, 1],
    ]);
    expect(rows[1].verdicts[2]).toEqual({
      criterion: "c3",
      text: "Says damn.",
      weight: -2,
      polarity: "bad",
      status: "scored",
      value: 1,
      reason: "looked for damn",
    });
    expect(rows[0]).toMatchObject({
      aggregate: "clamped",
      judge: expect.stringContaining("words"),
      usage: { calls: 3 },
    });
    expect(stderr).toMatch(/all +3 +0\.667 \(0\.5 to 1\) +0 +100\.0 %/);
    expect(stderr).toContain("verdicts: 7 scored, 0 abstained, none failed");
    expect(stderr).toMatch(/models: 7 answers; .*\ntime: /);
    expect(stderr).toMatch(/kind +2 +1 /);
  });

  it("asks nothing twice when the same command runs again, and again only for what failed", async () => {
    write("rows.jsonl", ROWS);
    behave = ({ body }) =>
      body.messages[0]!.content.includes("Says friend.")
        ? { kind: "status", status: 500 }
        : { kind: "answer" };
    const first = await judge("rows.jsonl", "--out", "scores.jsonl");
    expect(first.code).toBe(0);
    expect(first.stderr).toContain("failed: 2 infrastructure");
    expect(first.stderr).toMatch(/first infrastructure: words@.*status 500.*the server failed/);
    expect(read("scores.jsonl")[0]).toMatchObject({ score: 1, coverage: 5 / 6 });
    expect(read("scores.jsonl")[0].verdicts[1]).toMatchObject({ status: "failed", kind: "infrastructure" });
    const before = server.stats.received;
    behave = () => ({ kind: "answer" });
    const second = await judge("rows.jsonl", "--out", "scores.jsonl");
    expect(server.stats.received - before).toBe(2);
    expect(second.stderr).toContain("none failed");
  });

  it("ends with code 1 where every verdict failed, and at once where the endpoint refuses the key", async () => {
    write("rows.jsonl", ROWS);
    behave = () => ({ kind: "status", status: 500 });
    const failed = await judge("rows.jsonl", "--out", "scores.jsonl");
    expect(failed.code).toBe(1);
    expect(read("scores.jsonl").map(({ score }) => score)).toEqual([null, null, null]);
    behave = () => ({ kind: "status", status: 401 });
    const refused = await judge("rows.jsonl", "--out", "refused.jsonl", "--concurrency", "1");
    expect(refused.code).toBe(1);
    expect(refused.stderr.trim().split("\n").at(-1)).toMatch(
      /^armature: words@.*: status 401, access refused; no key was sent; name its variable$/,
    );
    expect(() => read("refused.jsonl")).toThrow();
  });

  it("gives no score below the minimum coverage", async () => {
    write("rows.jsonl", ROWS.slice(1));
    behave = () => ({ kind: "status", status: 400 });
    const { stdout, stderr } = await judge("rows.jsonl", "--min-coverage", "0.5");
    expect(JSON.parse(stdout)).toMatchObject({ score: null, coverage: 0 });
    expect(stderr).toMatch(/all +1 +none +1 +0\.0 %/);
  });

  it("joins rubrics by prompt, and puts several criteria into a call", async () => {
    write(
      "rubrics.jsonl",
      ROWS.map(({ responses: _, ...row }) => row),
    );
    write("answers.jsonl", [
      { prompt: "Part.", response: "bye now" },
      { prompt: "Greet.", response: "hello", model: "short" },
    ]);
    const { stdout } = await judge(
      "answers.jsonl",
      "--rubrics",
      "rubrics.jsonl",
      "--criteria-per-call",
      "all",
    );
    const rows = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows.map(({ score, model }) => [score, model])).toEqual([
      [1, null],
      [0.75, "short"],
    ]);
    expect(server.stats.received).toBe(2);
    write("answers.jsonl", [{ prompt: "Unknown.", response: "x" }]);
    const refused = await judge("answers.jsonl", "--rubrics", "rubrics.jsonl");
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("answers.jsonl:1: the prompt has no rubric in --rubrics"),
    });
  });

  it("stops at a row that cannot be used, or leaves it out and says so", async () => {
    write("rows.jsonl", [
      ROWS[1]!,
      { ...ROWS[1]!, prompt: undefined, id: "bare" },
      { prompt: "x", rubric: 3 },
    ]);
    expect((await judge("rows.jsonl")).stderr).toContain("rows.jsonl:3: rubric is a number");
    const { code, stdout, stderr } = await judge("rows.jsonl", "--bad-rows", "skip");
    expect(code).toBe(0);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).toMatch(
      /rows left out:\n1 wrong-type, the first .*:3: rubric .*\n.*:2: prompt is missing/,
    );
    write("answers.jsonl", [{ prompt: "x", response: 5, rubric: [criterion("a")] }]);
    expect((await judge("answers.jsonl")).stderr).toContain("answers.jsonl:1: response is a number");
  });

  it("rates, by the modes that need no rubric", async () => {
    write("answers.jsonl", [{ prompt: "x", response: "12345678" }]);
    expect(JSON.parse((await judge("answers.jsonl", "--mode", "likert")).stdout)).toMatchObject({
      score: 7 / 9,
      rating: { rating: 8 },
      verdicts: [],
      aggregate: "rating-range",
    });
    const share = await judge("answers.jsonl", "--mode", "likert", "--aggregate", "rating-share");
    expect(JSON.parse(share.stdout)).toMatchObject({ score: 0.8 });
    const reference = await judge("answers.jsonl", "--mode", "reference-likert");
    expect(reference).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("answers.jsonl:1: reference is missing"),
    });
  });

  it("gives HealthBench's numbers, by tag too", async () => {
    const points = [
      { criterion: "Says hello.", points: 4, tags: ["axis:one"] },
      { criterion: "Says damn.", points: -2, tags: ["axis:one", "axis:two"] },
    ];
    write(
      "rows.jsonl",
      ["hello", "damn", "hello damn"].map((response, i) => ({
        prompt_id: `p${i}`,
        prompt: [{ role: "user", content: `Say ${i}.` }],
        rubrics: points,
        response,
      })),
    );
    const { stdout, stderr } = await judge("rows.jsonl", "--aggregate", "healthbench");
    const rows = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows.map(({ score }) => score)).toEqual([1, -0.5, 0.5]);
    expect(rows[1].tagScores).toEqual({ "axis:one": -0.5, "axis:two": null });
    expect(stderr).toMatch(/HealthBench: 0\.333 .*\n {2}axis:one: 0\.333 of 3\nmodels:/);
  });

  it("reads and writes parquet", async () => {
    write("rows.jsonl", ROWS);
    expect((await judge("rows.jsonl", "--out", "scores.parquet")).code).toBe(0);
    const rows = [];
    for await (const { value } of readRows(join(scratch.path, "scores.parquet"))) rows.push(value);
    expect(rows.map((row) => row["score"])).toEqual([1, 0, 1]);
    expect(rows[0]!["verdicts"]).toHaveLength(3);
    const again = await judge("rows.jsonl", "--out", "other.jsonl", "--rejudge", "scores.parquet");
    expect(again.stderr).toContain("0 of 7 verdicts and 0 of 3 scores changed; mean difference +0");
  });

  it("tells criterion by criterion what a second judging changed", async () => {
    write("rows.jsonl", ROWS);
    await judge("rows.jsonl", "--out", "old.jsonl");
    write("rows.jsonl", [
      { ...ROWS[0], rubric: { criteria: [criterion("you", { weight: 3 }), criterion("friend")] } },
      { id: "three", prompt: "New.", rubric: { criteria: [criterion("x")] }, responses: ["x"] },
    ]);
    const { stderr } = await judge("rows.jsonl", "--out", "new.jsonl", "--rejudge", "old.jsonl");
    expect(stderr).toContain("one[0] c1: yes → no  Says you.");
    expect(stderr).toContain("one[1] c1: no → yes  Says you.");
    expect(stderr).toContain("one[0] score: 1 → 0.25");
    expect(stderr).toContain("2 of 4 verdicts and 2 of 2 scores changed (1 new, 1 gone); mean difference +0");
  });

  it("counts without asking", async () => {
    write("rows.jsonl", ROWS);
    const { code, stdout } = await judge("rows.jsonl", "--dry-run");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^dry run: 7 calls, about \d{4} prompt tokens and at most 3136 answer tokens/);
    expect(
      JSON.parse((await judge("rows.jsonl", "--dry-run", "--json", "--criteria-per-call", "2")).stdout).calls,
    ).toBe(5);
    expect(server.stats.received).toBe(0);
  });

  it("lets several models vote and says how far they agree", async () => {
    write("rows.jsonl", ROWS);
    const { stdout, stderr } = await armature(scratch.path, [
      "judge",
      "rows.jsonl",
      "--model",
      `${server.url}#one`,
      "--model",
      `${server.url}#two`,
      "--no-cache",
    ]);
    expect(JSON.parse(stdout.split("\n")[0]!)).toMatchObject({
      score: 1,
      panel: [
        [1, 1, 0],
        [1, 1, 0],
      ],
      usage: { calls: 6 },
    });
    expect(stderr).toContain(
      "panel: 2 judges agree on 100.0 % of 7 items; Cohen's kappa 1, Krippendorff's alpha 1",
    );
  });

  it("judges pairs in both orders by the rubric of the row, of a file, or of a rubric file", async () => {
    const pair = {
      prompt: "Say.",
      chosen: "good",
      rejected: "bad",
      rubric: "1. The response is good. [Principle]",
    };
    write("pairs.jsonl", [pair]);
    const { stdout, stderr } = await judge("pairs.jsonl", "--mode", "pairwise");
    const rows = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows.map(({ order, winner }) => [order, winner])).toEqual([
      ["given", "chosen"],
      ["swapped", "chosen"],
    ]);
    expect(rows[0].usage.calls).toBe(1);
    expect(stderr).toContain("2 judgements: chosen wins 100.0 %");
    const { rubric: _, ...bare } = pair;
    write("bare.jsonl", [bare]);
    expect((await judge("bare.jsonl", "--mode", "pairwise")).stderr).toContain(
      "bare.jsonl:1: rubric is missing",
    );
    writeFileSync(join(scratch.path, "rubric.txt"), `${pair.rubric}\n`);
    expect(
      (await judge("bare.jsonl", "--mode", "pairwise", "--rubric", "rubric.txt", "--order", "given")).code,
    ).toBe(0);
    write("rubrics.jsonl", [
      { prompt: "Say.", rubric: [{ text: "The response is good.", kind: "principle" }] },
    ]);
    const joined = await judge(
      "bare.jsonl",
      "--mode",
      "pairwise",
      "--rubrics",
      "rubrics.jsonl",
      "--json",
      "--out",
      "v.jsonl",
    );
    expect(JSON.parse(joined.stdout)).toMatchObject({ judgements: 2, chosen: 2, failed: 0 });
    expect(read("v.jsonl")[0].rubric).toBe(pair.rubric);
  });

  it("refuses in one line what makes no sense, before anything is asked", async () => {
    write("rows.jsonl", ROWS);
    write("pairs.jsonl", [{ prompt: "x", chosen: "a", rejected: "b" }]);
    const lines: string[] = [];
    for (const args of [
      "rows.jsonl --aggregate clampd",
      "rows.jsonl --aggregate rar-explicit",
      "rows.jsonl --mode likert --aggregate mean",
      "rows.jsonl --mode arrow --criteria-per-call 2",
      "rows.jsonl --panel vote",
      "rows.jsonl --votes 3",
      "rows.jsonl --run runs/x",
      "rows.jsonl --out no/where.jsonl",
      "rows.jsonl --rejudge pairs.jsonl",
      "pairs.jsonl --mode pairwise --aggregate mean",
      "pairs.jsonl --mode pairwise",
    ]) {
      const { code, stderr } = await judge(...args.split(" "));
      expect({ args, code: code > 0 }).toEqual({ args, code: true });
      lines.push(stderr.trimEnd());
    }
    lines.push(
      (
        await armature(scratch.path, ["judge", "rows.jsonl", "--run", "x", "--mode", "arrow"])
      ).stderr.trimEnd(),
    );
    expect(server.stats.received).toBe(0);
    expect(lines).toMatchInlineSnapshot(`
      [
        "armature: --aggregate clampd: no such aggregation of mode criteria; did you mean clamped?",
        "armature: criterion c1 has no category, which rar-explicit weighs by; give essential, important, optional or pitfall, or aggregate by clamped",
        "armature: --aggregate mean: no such aggregation of mode likert; known for mode likert are rating-range, rating-share",
        "armature: criteria per call have no meaning in mode arrow; leave them out or use criteria",
        "armature: --panel takes several judges; give --model more than once",
        "armature: --votes is for pairs; give --mode pairwise, or several --model as a panel",
        "armature: which models? give either --model or a trained pair by --run or --recipe",
        "armature: --out no/where.jsonl: its folder does not exist; create it first",
        "armature: FOLDER/pairs.jsonl:1: key is missing; give a file that armature judge wrote",
        "armature: --aggregate has no meaning in mode pairwise; leave it out",
        "armature: FOLDER/pairs.jsonl:1: rubric is missing; add it, or give --rubric or --rubrics",
        "armature: --mode is for language models; give --model, or leave it out",
      ]
    `);
  });
});
