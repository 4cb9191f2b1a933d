import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { armature, inScratchFolder, NO_OPERATIONS } from "../../../test/cli/command-line.ts";
import { FixedWriter } from "../../../test/sandbox/fixed-writer.ts";
import { nanoDialect } from "../../sandbox/nano-dialect.ts";
import { totalsReader } from "../../sandbox/rule-reader.ts";
import { RuleSampler } from "../../sandbox/rule-sampler.ts";
import type { Operations } from "../operations.ts";

const scratch = inScratchFolder();

describe("armature judge and rubrics generate", () => {
  /** A reader that follows a rule in the judge's place, and a generator that always writes one rubric. */
  const RUBRIC = "1. is clear [principle] 2. is helpful [principle]";
  const operations: Operations = {
    ...NO_OPERATIONS,
    openModels: async () => async () => ({
      generator: new FixedWriter(RUBRIC),
      judge: new RuleSampler(totalsReader(1)),
      dialect: nanoDialect,
      contextLength: 192,
      close: async () => {},
    }),
  };

  it("judge pairs in both orders", async () => {
    await armature(scratch.path, ["sandbox", "pairs", "--count", "5", "--out", "pairs.jsonl"]);
    const { code, stdout, stderr } = await armature(
      scratch.path,
      ["judge", "pairs.jsonl", "--recipe", "recipe.yaml"],
      operations,
    );
    expect({ code, stderr }).toMatchInlineSnapshot(`
      {
        "code": 0,
        "stderr": "judging  10/10
      10 judgements: chosen wins 50.0 %, rejected wins 50.0 %, abstained 0.0 %, failed 0.0 %
      ",
      }
    `);
    const rows = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows).toHaveLength(10);
    // Both principles hold for every note, so every call is close and this reader's first response wins it.
    expect(rows.map((row) => row["winner"])).toEqual(
      rows.map((row) => (row["order"] === "given" ? "chosen" : "rejected")),
    );
    expect(rows[0]).toMatchObject({ line: 1, rubric: RUBRIC, status: "scored" });

    const counted = await armature(
      scratch.path,
      ["judge", "pairs.jsonl", "--recipe", "recipe.yaml", "--order", "given", "--out", "v.jsonl", "--json"],
      operations,
    );
    expect(JSON.parse(counted.stdout)).toEqual({
      judgements: 5,
      chosen: 5,
      rejected: 0,
      abstained: 0,
      failed: 0,
    });
    expect(counted.stderr).toBe("");
  });

  it("judge by a rubric from a file, and name a pair file's bad row", async () => {
    await armature(scratch.path, ["sandbox", "pairs", "--count", "3", "--out", "pairs.jsonl"]);
    writeFileSync(join(scratch.path, "rubric.txt"), "1. is warm [principle]\n");
    const args = ["judge", "pairs.jsonl", "--recipe", "recipe.yaml", "--rubric", "rubric.txt"];
    expect((await armature(scratch.path, args, operations)).stdout).toContain(
      '"rubric":"1. is warm [principle]"',
    );
    writeFileSync(join(scratch.path, "pairs.jsonl"), '{"prompt":"p","chosen":"a"}\n');
    const bad = await armature(scratch.path, args, operations);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toContain("FOLDER/pairs.jsonl:1: ");
  });

  it("generate rubrics from a text and from files of several shapes", async () => {
    const one = await armature(
      scratch.path,
      ["rubrics", "generate", "--prompt", "write to the boss .", "--recipe", "recipe.yaml", "--json"],
      operations,
    );
    expect(JSON.parse(one.stdout)).toMatchObject({
      rubric: RUBRIC,
      criteria: [
        { text: "is clear", kind: "principle" },
        { text: "is helpful", kind: "principle" },
      ],
    });
    const rows = [
      { prompt: "write to the boss ." },
      { messages: [{ role: "user", content: "write to the friend ." }] },
      { instruction: "write to the coach .", input: "give a time ." },
    ];
    writeFileSync(
      join(scratch.path, "prompts.jsonl"),
      rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
    );
    const args = ["rubrics", "generate", "prompts.jsonl", "--recipe", "recipe.yaml", "--count", "2"];
    const many = await armature(scratch.path, args, operations);
    expect(many.stdout.trimEnd().split("\n")).toHaveLength(6);
    expect(many.stderr).toBe("6 rubrics, 0 not in the required form\n");
    writeFileSync(join(scratch.path, "prompts.jsonl"), '{"text":"a"}\n');
    expect((await armature(scratch.path, args, operations)).stderr).toMatchInlineSnapshot(`
      "armature: FOLDER/prompts.jsonl:1: prompt is missing; add it or remove the row
      "
    `);
  });

  it("take the weights that a run saved", async () => {
    const run = join(scratch.path, "runs", "first");
    await armature(scratch.path, ["train", "recipe.yaml", "--name", "first"], {
      ...NO_OPERATIONS,
      train: {
        ...NO_OPERATIONS.train,
        arm: async () => async (job) => {
          mkdirSync(job.run.checkpointPath("step-2-judge"));
          job.run.commitState({ position: 2, checkpoints: { judge: "step-2-judge" } });
          return { status: "interrupted" };
        },
      },
    });
    const sources: unknown[] = [];
    await armature(scratch.path, ["rubrics", "generate", "--prompt", "x", "--run", "runs/first"], {
      ...operations,
      openModels: async () => async (source) => {
        sources.push({ generator: source.generator, judge: source.judge, file: source.resolve("a.jsonl") });
        return (await operations.openModels())(source);
      },
    });
    expect(sources).toEqual([
      {
        generator: null,
        judge: join(run, "checkpoints", "step-2-judge"),
        file: join(scratch.path, "a.jsonl"),
      },
    ]);
  });
});
