import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { armature, inScratchFolder, NO_OPERATIONS } from "../../../test/cli/command-line.ts";
import { judgeByWords } from "../../../test/judge/word-judge.ts";
import { ChatServer } from "../../../test/llm/chat-server.ts";
import { FixedWriter } from "../../../test/sandbox/fixed-writer.ts";
import { nanoDialect } from "../../sandbox/nano-dialect.ts";
import { totalsReader } from "../../sandbox/rule-reader.ts";
import { RuleSampler } from "../../sandbox/rule-sampler.ts";
import type { Operations } from "../operations.ts";

const scratch = inScratchFolder();
let server: ChatServer;
beforeEach(async () => {
  server = await ChatServer.start({ answer: judgeByWords });
});
afterEach(() => server.close());

function write(name: string, rows: readonly object[]): void {
  writeFileSync(join(scratch.path, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

const PAIRS = [
  { prompt: "q1", chosen: "a good bird", rejected: "a fish" },
  { prompt: "q2", chosen: "a bird", rejected: "a good fish" },
];
const RUBRICS = PAIRS.map(({ prompt }) => ({
  prompt,
  rubric: {
    criteria: [
      { text: "Says bird.", weight: 1 },
      { text: "Says good.", weight: 0.5 },
    ],
  },
}));
const bench = (...more: readonly string[]) =>
  armature(scratch.path, ["bench", "pairs.jsonl", "--model", server.url, "--model-name", "m", ...more]);

describe("armature bench with a language model", () => {
  beforeEach(() => {
    write("pairs.jsonl", PAIRS);
    write("rubrics.jsonl", RUBRICS);
  });

  it("scores responses by rubrics, tells tokens and money, and asks nothing twice", async () => {
    const args = ["--rubrics", "rubrics.jsonl", "--out", "b", "--price-in", "1", "--price-out", "1"];
    const { code } = await bench(...args);
    expect(code).toBe(0);
    const result = JSON.parse(readFileSync(join(scratch.path, "b/result.json"), "utf8"));
    expect(result).toMatchObject({ average: { value: 1 }, unjudged: 0, coverage: 1, votes: null });
    expect(result.usage.total).toMatchObject({ answered: 8, fromCache: 0, usage: { calls: 8 } });
    expect(result.usage.total.usage.costUsd).toBeGreaterThan(0);
    expect(readFileSync(join(scratch.path, "b/report.md"), "utf8")).toContain("language models: 8 answers");
    expect((await bench(...args)).code).toBe(0);
    expect(server.stats.answered).toBe(8);
  });

  it("judges pairs in both orders with votes", async () => {
    const { code, stdout } = await bench(
      ...["--mode", "pairwise", "--rubric-writer", "predefined", "--votes", "3", "--json"],
    );
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    // The one that says good: right on q1, wrong on q2 where A is said not to be good.
    expect(result.position).toMatchObject({ given: { value: 0.5 }, swapped: { value: 0.5 } });
    expect(result.votes.map(({ k }: { k: number }) => k)).toEqual([1, 3]);
    expect(result.calibration.count).toBe(4);
  });

  it("counts what it would ask", async () => {
    const { stdout } = await bench("--rubrics", "rubrics.jsonl", "--dry-run");
    expect(stdout).toMatch(/^dry run: 8 calls, about \d+ prompt tokens/);
    expect(server.stats.received).toBe(0);
  });

  it("fails where nothing could be judged, and says why", async () => {
    await server.close();
    server = await ChatServer.start({ answer: () => "no verdict at all" });
    const { code, stdout } = await bench("--mode", "likert");
    expect(code).toBe(1);
    expect(stdout).toContain("Failed, parse: 4; the first: no verdict on rating");
  });

  it("leaves out prompts whose rubric could not be written", async () => {
    await server.close();
    server = await ChatServer.start({
      answer: (body) => {
        const question = body.messages.at(-1)!.content;
        if (question.includes("The criteria:")) return judgeByWords(body);
        return question.includes("q1") ? '[{"criterion": "Says bird.", "weight": 1}]' : "none";
      },
    });
    const { stdout } = await bench("--rubric-writer", "rtd-initial", "--json");
    const { unjudged, average, failures } = JSON.parse(stdout);
    expect({ unjudged, average: average.value }).toEqual({ unjudged: 1, average: 1 });
    expect(failures.parse).toMatchObject({ count: 2, first: expect.stringMatching(/^no rubric: /) });
  });

  it.each([
    [["--mode", "criteria"], /which rubrics\? mode criteria reads one; give --rubrics/],
    [
      ["--mode", "likert", "--rubrics", "rubrics.jsonl"],
      /mode likert has no use for --rubrics; leave it out/,
    ],
    [["--rubric-writer", "arm", "--rubrics", "rubrics.jsonl"], /give one of --rubrics and --rubric-writer/],
    [["--scorer", "length"], /--scorer and --model name one each/],
    [["--mode", "likert", "--votes", "3"], /--votes is for pairs; give --mode pairwise/],
    [["--mode", "reference-likert"], /needs references, which benches do not have/],
    [
      ["--mode", "pairwise", "--rubrics", "rubrics.jsonl", "--aggregate", "mean"],
      /--aggregate has no meaning/,
    ],
    [["--mode", "likert", "--writer-model", "x"], /--writer-model writes rubrics; give --rubric-writer/],
    [["--mode", "likert", "--limit", "1", "--sample", "1"], /--limit takes the first items, --sample draws/],
  ])("refuses %j", async (more, message) => {
    const { code, stderr } = await bench(...more);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
    expect(server.stats.received).toBe(0);
  });

  it("names the prompt that a rubric file lacks", async () => {
    write("rubrics.jsonl", RUBRICS.slice(0, 1));
    const { code, stderr } = await bench("--rubrics", "rubrics.jsonl");
    expect(code).toBe(1);
    expect(stderr).toContain('has no rubric for 1 of 2 prompts, the first is "q2"; add them');
  });
});

describe("armature bench with what was trained here", () => {
  const operations: Operations = {
    ...NO_OPERATIONS,
    openModels: async () => async () => ({
      generator: new FixedWriter("1. is clear [principle] 2. is helpful [principle]"),
      judge: new RuleSampler(totalsReader(1)),
      dialect: nanoDialect,
      contextLength: 192,
      close: async () => {},
    }),
  };

  it("writes rubrics, judges pairs in both orders and removes the log of a finished job", async () => {
    await armature(scratch.path, ["sandbox", "pairs", "--count", "20", "--out", "pairs.jsonl"]);
    const { code } = await armature(
      scratch.path,
      ["bench", "pairs.jsonl", "--recipe", "recipe.yaml", "--out", "b"],
      operations,
    );
    expect(code).toBe(0);
    const result = JSON.parse(readFileSync(join(scratch.path, "b/result.json"), "utf8"));
    // A reader of totals that always prefers the first: as often right as wrong.
    expect(result).toMatchObject({
      scorer: "recipe.yaml",
      items: 20,
      usage: null,
      position: { firstWins: 1 },
    });
    expect(result.average.value).toBe(0.5);
    expect(existsSync(join(scratch.path, "b/judged.jsonl"))).toBe(false);
  });

  it("takes a sample that the seed draws", async () => {
    await armature(scratch.path, ["sandbox", "pairs", "--count", "20", "--out", "pairs.jsonl"]);
    const rows = async (seed: string) => {
      const { stdout } = await armature(scratch.path, [
        ...["bench", "pairs.jsonl", "--sample", "5", "--seed", seed, "--json"],
      ]);
      return JSON.parse(stdout).rows.map(({ source }: { source: string }) => source);
    };
    expect(await rows("1")).toHaveLength(5);
    expect(await rows("1")).toEqual(await rows("1"));
    expect(await rows("1")).not.toEqual(await rows("2"));
  });

  it("scores single responses by a Bradley-Terry run, calibrated by the logistic function", async () => {
    write("pairs.jsonl", PAIRS);
    mkdirSync(join(scratch.path, "run"));
    const recipe = { method: "bradley-terry", seed: 3, data: { kind: "files", train: ["pairs.jsonl"] } };
    writeFileSync(join(scratch.path, "run/config.json"), JSON.stringify({ recipe, recipeFile: "../r.yaml" }));
    const scoring: Operations = {
      ...NO_OPERATIONS,
      openScalarReward: async () => async () => ({
        id: "bradley-terry:1",
        score: () => Promise.reject(new Error("asked one by one")),
        scores: async (tasks) =>
          tasks.map(({ response }) => (response === "a fish" ? null : response.length)),
        close: async () => {},
      }),
    };
    const args = ["bench", "pairs.jsonl", "--run", "run", "--training", "run", "--out", "b"];
    expect((await armature(scratch.path, args, scoring)).code).toBe(0);
    const result = JSON.parse(readFileSync(join(scratch.path, "b/result.json"), "utf8"));
    expect(result).toMatchObject({
      scorer: "run",
      unjudged: 1,
      overlap: { samePair: 2 },
      average: { value: 0 },
    });
    expect(result.failures.context.count).toBe(1);
    const p = 1 / (1 + Math.exp("a good fish".length - "a bird".length));
    expect(result.calibration.brier).toBeCloseTo((1 - p) ** 2, 12);
    const wrong = await armature(scratch.path, [...args, "--votes", "3"], scoring);
    expect(wrong.stderr).toContain(
      "--votes and --order are for judges of pairs; run scores single responses",
    );
  });
});
