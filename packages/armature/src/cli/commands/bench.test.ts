import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { armature, inScratchFolder } from "../../../test/cli/command-line.ts";

const scratch = inScratchFolder();

function writePairs(name: string, pairs: readonly (readonly [string, string, string])[]): void {
  const rows = pairs.map(([prompt, chosen, rejected]) => JSON.stringify({ prompt, chosen, rejected }));
  writeFileSync(join(scratch.path, name), `${rows.join("\n")}\n`);
}

const PAIRS = [
  ["q1", "long answer", "short"],
  ["q2", "no", "a long answer"],
  ["q3", "another answer", "x"],
] as const;

describe("armature bench", () => {
  it("measures a pair file and writes a page that needs nothing else", async () => {
    writePairs("pairs.jsonl", PAIRS);
    const { code, stdout, stderr } = await armature(scratch.path, [
      "bench",
      "pairs.jsonl",
      "--json",
      "--out",
      "b",
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ suite: "pairs", scorer: "length", items: 3, ties: 0, overlap: null });
    expect(result.average.value).toBeCloseTo(2 / 3, 12);
    expect(result.rows[1]).toMatchObject({ value: 0, prompt: "q2", group: "pairs" });
    const html = readFileSync(join(scratch.path, "b/report.html"), "utf8");
    expect(html).toContain("Contamination was not checked");
    expect(html).not.toMatch(/https?:|<script/);
    const text = await armature(scratch.path, ["bench", "pairs.jsonl", "--scorer", "shorter"]);
    expect(text.stdout).toContain("| pairs | 3 | 33.3 % (0.0 to ");
  });

  it("finds prompts that the scorer learnt from, in other spelling too", async () => {
    writePairs("pairs.jsonl", PAIRS);
    writePairs("training.jsonl", [
      ["Q2 ", "something", "else"],
      ["q9", "a", "b"],
    ]);
    const args = ["bench", "pairs.jsonl", "--json", "--training", "training.jsonl"];
    const { stdout } = await armature(scratch.path, args);
    expect(JSON.parse(stdout).overlap).toMatchObject({ train: 2, test: 3, samePrompt: 1, samePair: 0 });
    const text = await armature(
      scratch.path,
      args.filter((word) => word !== "--json"),
    );
    expect(text.stdout).toContain("Contaminated: 1 of 3 items");
  });

  it("takes a suite with its files, or with a folder of data", async () => {
    const row = { source: "honest", prompt: "p", chosen: "longer", rejected: "short" };
    writeFileSync(join(scratch.path, "hhh.jsonl"), `${JSON.stringify(row)}\n`);
    const { stdout } = await armature(scratch.path, ["bench", "hhh", "hhh.jsonl", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ suite: "hhh", groups: [{ name: "honest", count: 1 }] });
  });

  it.each([
    [
      ["hhh"],
      2,
      "hhh: which files? name them after the suite, or give --data <folder> with hh-rlhf/hhh_alignment.jsonl.gz\n",
    ],
    [
      ["hhh", "--data", "."],
      2,
      "--data .: holds none of hh-rlhf/hhh_alignment.jsonl.gz; name the suite's files\n",
    ],
    [["hhhh"], 2, "no suite and no file hhhh; did you mean hhh? Suites are "],
    [
      ["hhh", "recipe.yaml"],
      1,
      "FOLDER/recipe.yaml:1: a row with the fields method, preset has no known shape",
    ],
    [["hhh", "none.jsonl"], 1, "FOLDER/none.jsonl: no such file; check the path\n"],
    [["hhh", "x", "--scorer", "oracle"], 2, "option '--scorer <name>' argument 'oracle' is invalid"],
  ])("%j", async (args, code, message) => {
    const result = await armature(scratch.path, ["bench", ...args]);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(`armature: ${message}`);
  });
});

describe("armature bench compare", () => {
  async function twoResults() {
    writePairs("pairs.jsonl", PAIRS);
    for (const scorer of ["length", "shorter"])
      await armature(scratch.path, ["bench", "pairs.jsonl", "--scorer", scorer, "--json", "--out", scorer]);
    return ["length/result.json", "shorter/result.json"];
  }

  it("says where two results differ", async () => {
    const files = await twoResults();
    const { code, stdout } = await armature(scratch.path, ["bench", "compare", ...files, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      first: "length",
      second: "shorter",
      mcNemar: { firstOnly: 2, secondOnly: 1 },
    });
    const text = await armature(scratch.path, ["bench", "compare", ...files]);
    expect(text.stdout).toContain("## Right by shorter alone: 1");
  });

  it("fails for CI where the loss exceeds the threshold, and only there", async () => {
    const [length, shorter] = await twoResults();
    const compare = (args: readonly string[]) =>
      armature(scratch.path, ["bench", "compare", ...args, "--json"]);
    const failed = await compare([length!, shorter!, "--threshold", "33"]);
    expect(failed).toMatchObject({ code: 1, stderr: "shorter lies 33.33 points below length\n" });
    expect((await compare([length!, shorter!, "--threshold", "34"])).code).toBe(0);
    expect((await compare([shorter!, length!, "--threshold", "0"])).code).toBe(0);
  });

  it("refuses what is no result", async () => {
    const { code, stderr } = await armature(scratch.path, ["bench", "compare", "recipe.yaml", "recipe.yaml"]);
    expect(code).toBe(1);
    expect(stderr).toBe("armature: FOLDER/recipe.yaml: is not JSON; give a result.json of armature bench\n");
  });
});
