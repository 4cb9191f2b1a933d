import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { armature, inScratchFolder } from "../../../test/cli/command-line.ts";
import { judgeByWords } from "../../../test/judge/word-judge.ts";
import { ChatServer } from "../../../test/llm/chat-server.ts";

const scratch = inScratchFolder();
let server: ChatServer;
beforeEach(async () => {
  server = await ChatServer.start({ answer: judgeByWords });
  const pairs = [
    { prompt: "q1", chosen: "a good bird", rejected: "a fish" },
    { prompt: "q2", chosen: "a good tree", rejected: "a good weed that grows" },
  ];
  writeFileSync(join(scratch.path, "pairs.jsonl"), pairs.map((row) => `${JSON.stringify(row)}\n`).join(""));
  writeFileSync(join(scratch.path, "rubric.txt"), "1. Says good. [Hard Rule]\n");
});
afterEach(() => server.close());

const study = (name: string, ...more: readonly string[]) =>
  armature(scratch.path, ["study", name, "pairs.jsonl", ...more]);
const byModel = () => ["--model", server.url, "--model-name", "m", "--rubric", "rubric.txt"];

describe("armature study with any scorer", () => {
  it("length of the length baseline, as a page", async () => {
    const { code, stdout } = await study("length");
    expect(code).toBe(0);
    expect(stdout).toContain("| padded by 200 | 2 | 100.0 % (34.2 to 100.0) | −50.0 points");
  });

  it("style of a judge by a rubric, logged so that nothing is asked twice", async () => {
    const args = [...byModel(), "--out", "s"];
    expect((await study("style", ...args)).code).toBe(0);
    const result = JSON.parse(readFileSync(join(scratch.path, "s/result.json"), "utf8"));
    // q1 is right; on q2 both responses say good, a tie.
    expect(result.accuracy.value).toBe(0.75);
    expect(result.effects[0]).toMatchObject({
      intervention: "list",
      preferred: { value: 0.5 },
      scoreGain: { value: 0 },
    });
    expect(existsSync(join(scratch.path, "s/report.html"))).toBe(true);
    const asked = server.stats.answered;
    expect((await study("style", ...args)).code).toBe(0);
    expect(server.stats.answered).toBe(asked);
  });

  it("probes know the rubric: parroting it wins where the judge goes by words", async () => {
    const { stdout } = await study("probes", ...byModel(), "--json");
    const { probes, subjects } = JSON.parse(stdout);
    const winsOf = (name: string) => {
      const { wins, ties } = probes.find(({ probe }: { probe: string }) => probe === name);
      return [wins.value, ties.value];
    };
    expect(subjects).toBe(2);
    expect(winsOf("empty")).toEqual([0, 0]);
    expect(winsOf("parroted-rubric")).toEqual([0, 1]);
    expect(winsOf("keyword-stuffing")).toEqual([0, 1]);
  });

  it("position of a judge of pairs, and of nothing else", async () => {
    const { code, stdout } = await study("position", ...byModel(), "--mode", "pairwise", "--json");
    expect(code).toBe(0);
    // It prefers A where A says good: right on q1, the first on q2.
    expect(JSON.parse(stdout)).toMatchObject({
      bothOrders: { pairs: 2, right: { value: 0.5 }, first: { value: 0.5 } },
      sameTwice: { responses: 2, first: { value: 1 } },
    });
    const refused = await study("position");
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("position is for --run, --recipe"),
    });
  });

  it("judge-scale: judges with and without rubrics in one table", async () => {
    const specs = ["--model", `${server.url}#small`, "--model", `${server.url}#large`, "--out", "scale"];
    const args = [...specs, "--rubric", "rubric.txt", "--mode", "criteria"];
    expect((await study("judge-scale", ...args)).code).toBe(0);
    const { judges } = JSON.parse(readFileSync(join(scratch.path, "scale/result.json"), "utf8"));
    expect(judges.map(({ judge }: { judge: string }) => judge.split("#")[1])).toEqual(["small", "large"]);
    // Likert goes by length, at most 10: a tie of 10 and 10 on q2. The rubric asks for good: a tie there as well.
    expect(judges[0]).toMatchObject({
      without: { average: { value: 0.5 }, ties: 1, unjudged: 0 },
      with: { average: { value: 0.5 }, ties: 1, unjudged: 0 },
      difference: { value: 0 },
    });
    expect(readFileSync(join(scratch.path, "scale/report.md"), "utf8")).toContain(
      "| judge | without rubric |",
    );
    const refused = await study("judge-scale", ...specs, "--mode", "pairwise");
    expect(refused.stderr).toContain("mode pairwise has no counterpart here");
    expect((await study("judge-scale")).stderr).toContain("which judges? give --model once for each");
  });

  it("rubrics: what a criterion is worth, and how far two writers agree", async () => {
    const others = [
      { prompt: "q1", rubric: { criteria: [{ text: "Says bird.", weight: 1 }] } },
      { prompt: "q2", rubric: { criteria: [{ text: "Says tree.", weight: 1 }] } },
    ];
    writeFileSync(
      join(scratch.path, "other.jsonl"),
      others.map((row) => `${JSON.stringify(row)}\n`).join(""),
    );
    const { code, stdout } = await study("rubrics", ...byModel(), "--other-rubrics", "other.jsonl", "--json");
    expect(code).toBe(0);
    const { study: found, writers, truth } = JSON.parse(stdout);
    // Says good: for the better one on q1, for neither on q2.
    expect(found.groups[0]).toMatchObject({
      name: "Says good.",
      right: { value: 0.5 },
      same: { value: 0.5 },
    });
    // Says bird, says tree: right on both. Same winner on q1 only.
    expect(writers).toMatchObject({ pairs: 2, sameWinner: { value: 0.5 } });
    expect(truth).toBeNull();
    expect((await study("rubrics", "--scorer", "length")).stderr).toContain("gives no verdicts on criteria");
  });
});
