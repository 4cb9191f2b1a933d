import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { armature, inScratchFolder } from "../../../test/cli/command-line.ts";
import { scoredSample } from "../../../test/study/scored-sample.ts";
import { topWrong } from "../../study/misspecification-map.ts";

const scratch = inScratchFolder();

function writeScores(name: string, rows: readonly unknown[]): void {
  writeFileSync(join(scratch.path, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

describe("armature study tail", () => {
  it("prints the theory's values without a file", async () => {
    const { code, stdout } = await armature(scratch.path, ["study", "tail"]);
    expect(code).toBe(0);
    expect(stdout).toContain("| top 25 % wrong | 0.578335 | 0.647077 | 0.742264 | 0.813103 |");
    const json = await armature(scratch.path, ["study", "tail", "--json"]);
    expect(JSON.parse(json.stdout).kl[0]).toBeCloseTo(0.040652, 6);
  });

  it("studies a file of one row a response as of one row a prompt, and writes a report that needs nothing else", async () => {
    const prompts = scoredSample(topWrong(0.25), 12, 16, 3);
    writeScores("wide.jsonl", prompts);
    writeScores(
      "long.jsonl",
      prompts.flatMap(({ prompt, proxy, gold }) =>
        proxy.map((p, i) => ({ prompt, proxy: p, gold: gold[i] })),
      ),
    );
    const wide = await armature(scratch.path, ["study", "tail", "wide.jsonl", "--json", "--top", "0.25"]);
    const long = await armature(scratch.path, ["study", "tail", "long.jsonl", "--json", "--top", "0.25"]);
    expect(wide).toMatchObject({ code: 0, stderr: "" });
    expect(long.stdout).toBe(wide.stdout);
    const result = JSON.parse(wide.stdout);
    expect(result).toMatchObject({ prompts: 12, responses: 192, fewestResponses: 16, unscored: 0 });
    expect(result.accuracy.high.value).toBeLessThan(0.2);

    const written = await armature(scratch.path, ["study", "tail", "wide.jsonl", "--out", "tail"]);
    expect(written.stderr).toBe("FOLDER/tail/report.html\n");
    const html = readFileSync(join(scratch.path, "tail/report.html"), "utf8");
    expect(html).toContain("Misspecification map");
    expect(html).not.toMatch(/https?:|<script/);
    expect(JSON.parse(readFileSync(join(scratch.path, "tail/result.json"), "utf8")).prompts).toBe(12);
    expect(existsSync(join(scratch.path, "tail/report.md"))).toBe(true);
  });

  it("counts failed scores and never takes them for zero", async () => {
    writeScores("scores.jsonl", [
      { prompt: "a", proxy: [1, null, 3, 2], gold: [1, 5, 3, null] },
      { prompt: "b", proxy: null, gold: 1 },
    ]);
    const { stdout } = await armature(scratch.path, ["study", "tail", "scores.jsonl", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ prompts: 1, responses: 2, unscored: 3, tooFew: 1 });
  });

  it.each([
    [
      [{ prompt: "a", proxy: 1 }],
      "scores.jsonl:1: gold is missing; give a number, or null where scoring failed",
    ],
    [[{ proxy: 1, gold: 1 }], "scores.jsonl:1: prompt is missing; name the prompt that the response answers"],
    [[{ prompt: "a", proxy: "1", gold: 1 }], 'scores.jsonl:1: proxy is "1"; give a number, or null'],
    [[{ prompt: "a", proxy: [1, 2], gold: [1] }], "scores.jsonl:1: proxy has 2 scores and gold 1; "],
    [[{ prompt: "a", proxy: 1, gold: 1 }], "scores.jsonl: no prompt has two responses with both scores; "],
  ])("refuses %j", async (rows, message) => {
    writeScores("scores.jsonl", rows);
    const { code, stdout, stderr } = await armature(scratch.path, ["study", "tail", "scores.jsonl"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(`armature: FOLDER/${message}`);
  });

  it("refuses a folder that cannot be created before it works", async () => {
    const { code, stderr } = await armature(scratch.path, ["study", "tail", "--out", "no/where"]);
    expect(code).toBe(2);
    expect(stderr).toBe("armature: --out no/where: its parent folder does not exist; create it first\n");
  });
});

describe("armature study variance", () => {
  it("enumerates toys and says where the claim fails", async () => {
    const args = ["study", "variance", "--toys", "12", "--seed", "3"];
    const json = await armature(scratch.path, [...args, "--json"]);
    const study = JSON.parse(json.stdout);
    expect(study).toMatchObject({ toys: 12, seed: 3, identities: { violations: 0 } });
    expect(study.assumption.holds + study.assumption.fails).toBe(12);
    const text = await armature(scratch.path, args);
    expect(text.code).toBe(0);
    expect(text.stdout).toContain("| judge-first | 4 |");
  });

  it("measures the gradients of a recipe's models", async () => {
    const args = ["study", "variance", "--recipe", "recipe.yaml", "--pairs", "1", "--draws", "2", "--json"];
    const { code, stdout, stderr } = await armature(scratch.path, args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ pairs: 1, draws: 2, models: "recipe.yaml", seed: 0 });
  });
});
