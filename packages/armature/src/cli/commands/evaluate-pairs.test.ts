import { readFileSync, writeFileSync } from "node:fs";
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
const MODEL = ["--model", "judge.yaml", "--mode", "pairwise"];
const PAIRWISE = [...MODEL, "--rubric-writer", "predefined"];
const winner = (side: string) => ({ reply: `--- Final Judgment ---\nWinner: Response ${side}` });

describe("armature evaluate win-rate", () => {
  it("judges both orders, counts failures and draws, and controls for length", async () => {
    write("mine.jsonl", [
      { prompt: "p1", response: "good one", model: "mine" },
      { prompt: "p2", response: "equal", model: "mine" },
      { prompt: "p3", response: "poor", model: "mine" },
      { prompt: "p4", response: "broken", model: "mine" },
      { prompt: "p5", response: "unsure", model: "mine" },
      { prompt: "only here", response: "x", model: "mine" },
    ]);
    write("base.jsonl", [
      { prompt: "p3", response: "good answer" },
      { prompt: "p2", response: "equal" },
      { prompt: "p1", response: "poor" },
      { prompt: "p4", response: "b" },
      { prompt: "p5", response: "also unsure" },
    ]);
    writeModel("judge.yaml", [
      { contains: "broken", reply: "no idea" },
      { contains: "unsure", ...winner("A") },
      { contains: "Response A:\n```\ngood", ...winner("A") },
      winner("B"),
    ]);
    const args = ["win-rate", "mine.jsonl", "base.jsonl", ...PAIRWISE, "--out", "w"];
    const { code, stdout, stderr } = await run(...args, "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const result = JSON.parse(stdout);
    expect(result.rows.map(({ preference }: { preference: number }) => preference)).toEqual([
      ...[1, 0.5, 0, null, 0.5],
    ]);
    expect(result).toMatchObject({
      ...{ first: "mine", second: "base.jsonl", prompts: 5, judged: 4, identical: 1 },
      failed: { parse: 2 },
      // p1 and p3 agree in both orders, p5 does not.
      orderAgreement: 2 / 3,
      longer: 0.25,
    });
    expect(result.winRate.raw.value).toBe(0.5);
    expect(result.winRate.coefficients.length).toBeGreaterThan(0);
    const page = readFileSync(join(scratch.path, "w/report.md"), "utf8");
    expect(page).toContain("| win rate at equal lengths (length coefficient ");
    expect(page).toContain("Prompts without a preference, left out: 1.");
    expect((await run(...args, "--json")).stdout).toBe(stdout);
  });

  it("shows the judge the prompts' own rubrics, and says which are missing", async () => {
    write("a.jsonl", [{ prompt: "p1", response: "a" }]);
    write("b.jsonl", [{ prompt: "p1", response: "b" }]);
    const rubric = { criteria: [{ id: "c1", text: "Says zebra", weight: 1, polarity: "good" }] };
    write("rubrics.jsonl", [{ prompt: "p1", rubric }]);
    write("others.jsonl", [{ prompt: "p2", rubric }]);
    writeModel("judge.yaml", [{ contains: "1. Says zebra [Principle]", ...winner("A") }]);
    const args = ["win-rate", "a.jsonl", "b.jsonl", ...MODEL, "--json", "--rubrics"];
    expect(JSON.parse((await run(...args, "rubrics.jsonl")).stdout).judged).toBe(1);
    expect((await run(...args, "others.jsonl")).stderr).toContain("has no rubric for 1 of 1 prompts");
  });

  it("takes any scorer of single responses, whose equal scores are draws", async () => {
    write("a.jsonl", [
      { prompt: "p1", response: "long" },
      { prompt: "p2", response: "abc" },
    ]);
    write("b.jsonl", [
      { prompt: "p1", response: "l" },
      { prompt: "p2", response: "xyz" },
    ]);
    const { stdout } = await run("win-rate", "a.jsonl", "b.jsonl", "--scorer", "length", "--json");
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ judge: "length", judged: 2, orderAgreement: null });
    expect(result.winRate.raw.value).toBe(0.75);
  });

  it("refuses files without a common prompt", async () => {
    write("a.jsonl", [{ prompt: "p1", response: "a" }]);
    write("b.jsonl", [{ prompt: "p2", response: "b" }]);
    writeModel("judge.yaml", [winner("A")]);
    const { code, stderr } = await run("win-rate", "a.jsonl", "b.jsonl", ...PAIRWISE);
    expect(stderr).toContain("have no prompt in common");
    expect(code).toBe(1);
    expect((await run("win-rate", "a.jsonl", "b.jsonl")).stderr).toContain("who judges? give --model");
  });
});

describe("armature evaluate compare", () => {
  const instruction = (key: number) => ({
    ...{ key, prompt: `q${key}`, instruction_id_list: ["punctuation:no_comma"], kwargs: [{}] },
  });
  const answers = (texts: readonly string[]) =>
    texts.map((response, i) => ({ prompt: `q${i + 1}`, response }));

  async function evaluated(name: string, texts: readonly string[]): Promise<void> {
    write(`${name}.jsonl`, answers(texts));
    const { code } = await run("ifeval", "q.jsonl", "--responses", `${name}.jsonl`, "--out", name);
    expect(code).toBe(0);
  }

  it("pairs the questions that both answered, and fails below a threshold", async () => {
    write("q.jsonl", [1, 2, 3, 4, 5].map(instruction));
    await evaluated("base", ["a,b", "a,b", "a", "a"]);
    await evaluated("trained", ["a", "a", "a", "a,b", "a"]);
    const args = ["compare", "base/result.json", "trained/result.json"];
    const result = JSON.parse((await run(...args, "--json")).stdout);
    expect(result).toMatchObject({ suite: "ifeval", onlyFirst: 0, onlySecond: 1 });
    const [strict] = result.measures;
    expect(strict).toMatchObject({ measure: "prompt-strict", questions: 4, first: 0.5, second: 0.75 });
    expect(strict.difference.value).toBe(0.25);
    // Differences 1, 1, 0, −1: means of resamples reach from −1 to 1.
    expect(strict.difference.low).toBeLessThan(0);
    expect(result.differing.map(({ question }: { question: string }) => question)).toEqual(["1", "2", "4"]);
    const page = (await run(...args)).stdout;
    expect(page).toContain("50.0 % | 75.0 % | +25.0 points");
    expect((await run(...args, "--threshold", "1")).code).toBe(0);
    const worse = await run("compare", "trained/result.json", "base/result.json", "--threshold", "1");
    expect(worse.code).toBe(1);
    expect(worse.stderr).toContain("lies 25.00 points below");
  });

  it("refuses what cannot be compared", async () => {
    write("q.jsonl", [instruction(1)]);
    await evaluated("one", ["a"]);
    write("other.jsonl", [{ policy: "p", suite: "medqa", measures: [], rows: [] }]);
    write("no.json", [{ suite: "llmbar", rows: [] }]);
    const compare = async (file: string) => (await run("compare", "one/result.json", file)).stderr;
    expect(await compare("other.jsonl")).toContain("ifeval and medqa cannot be compared");
    expect(await compare("no.json")).toContain("is no result of armature evaluate");
    expect(await compare("one.jsonl")).toContain("one.jsonl: is no result");
    expect(await compare("missing.json")).toContain("no such file");
  });
});

describe("armature evaluate meta", () => {
  const row = (completion: string, category: string, labels: readonly unknown[]) => ({
    prompt: [{ role: "user", content: "My knee hurts." }],
    ...{ completion, rubric: "Says to rest", category, binary_labels: labels },
    anonymized_physician_ids: labels.map((_, i) => `p${i}`),
  });
  const met = (value: boolean) => `{"explanation": "so", "criteria_met": ${value}}`;

  it("pairs every verdict with every physician's label", async () => {
    write("meta.jsonl", [
      row("rest 1", "hedging", [true, true]),
      row("rest 2", "hedging", [true, false]),
      row("walk 1", "emergency", [false, false]),
      row("walk 2", "emergency", [true, false]),
      row("lost", "emergency", [true]),
    ]);
    // "Says to rest" stands in every question, so the judge must be asked by the response's words.
    writeModel("judge.yaml", [
      { contains: "assistant: lost", reply: "hm" },
      { contains: "assistant: rest", reply: met(true) },
      { reply: met(false) },
    ]);
    const { code, stdout, stderr } = await run("meta", "meta.jsonl", "--judge", "judge.yaml", "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const result = JSON.parse(stdout);
    // Met by both 3, by the judge only 1, by the physician only 1, by neither 3: F1 of each class 6 / 8.
    expect(result.overall).toMatchObject({ items: 4, pairs: 8, f1Met: 0.75, f1NotMet: 0.75, macroF1: 0.75 });
    expect(result.categories).toMatchObject([
      { category: "emergency", pairs: 4, f1Met: 0, f1NotMet: 6 / 7 },
      { category: "hedging", pairs: 4, f1Met: 6 / 7, f1NotMet: 0 },
    ]);
    // Among physicians, each label against the other's: two agree on met, two on not met, four pairs differ.
    expect(result.physicians).toMatchObject({ pairs: 8, f1Met: 0.5, f1NotMet: 0.5, agreement: 0.5 });
    expect(result.kappa).toBe(1);
    expect(result.failed).toEqual({ parse: 1 });
  });

  it("names a row that cannot be read, or leaves it out and says so", async () => {
    write("meta.jsonl", [row("rest", "a", [true]), row("rest", "a", ["yes"])]);
    writeModel("judge.yaml", [{ reply: met(true) }]);
    const args = ["meta", "meta.jsonl", "--judge", "judge.yaml"];
    const strict = await run(...args);
    expect(strict.code).toBe(1);
    expect(strict.stderr).toContain("meta.jsonl:2: binary_labels[0] is a string; give true or false");
    const skipping = await run(...args, "--bad-rows", "skip");
    expect(skipping.stdout).toContain("Rows that could not be read: 1.");
  });
});
