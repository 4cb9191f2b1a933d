import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadRecipe } from "../config/load-recipe.ts";
import type { GrpoRecipe } from "../config/policy-recipe.ts";
import { textPrompt } from "../data/read-prompts.ts";
import type { PolicyEvaluation } from "../policy/evaluation/policy-evaluation.ts";
import { runGrpo } from "../policy/grpo/grpo-run.ts";
import { openReward } from "../policy/reward/open-reward.ts";
import type { Interruption } from "../run/interruption.ts";
import { SILENT_PROGRESS } from "../run/progress.ts";
import { RunDirectory } from "../run/run-directory.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-program-rubric-"));
afterAll(() => rmSync(folder, { recursive: true }));

const RECIPE = join(import.meta.dirname, "../../../../recipes/story-policy");
const MODEL = join(RECIPE, "../../../shared/data/models/stories260K/stories260K.bin");

describe("the rubric of recipes/story-policy", () => {
  const open = (rubricFile: string) =>
    openReward(
      { kind: "program-rubric", rubricFile, aggregation: "chasing-the-tail" },
      { resolve: (path) => join(RECIPE, path), seed: 0, sandbox: false, threads: 1 },
    );
  const prompt = textPrompt("Once there was a small duck named Mia. Mia lived on a farm.");
  const GOOD = `One day, Mia met a sheep near the gate. "Do you want to play with me?" the sheep asked. Mia nodded and ran to the hill with it. They played until the moon rose, and both were happy.`;
  // Every sentence has the name twice; the first rubric does not mind.
  const STUFFED = `Mia said, "Yes, Mia, come to the big hill with us today!" Mia and Mia ran there, and Mia saw the moon rise behind a tree. Mia and the sheep laughed with Mia.`;

  it.each([
    // Weights: hero 2, dialogue 2, name-in-measure 2 or 0, happy-ending 2, no-repetition 1, whole-ending 2, length 1.
    ["rubric.yaml", 1, 10 / 12],
    ["rubric-first.yaml", 1, 1],
  ])("%s", async (file, good, stuffed) => {
    const { reward } = await open(file);
    const group = { prompt, responses: [GOOD, STUFFED, ""], tokens: [1, 1, 0] };
    const [[first, second, empty]] = (await reward.reward([group])) as [never[]] as [
      { value: number; components: Record<string, number> }[],
    ];
    expect(first!.value).toBe(good);
    expect(second!.value).toBeCloseTo(stuffed, 12);
    expect(Object.entries(second!.components).filter(([, value]) => value === 0)).toEqual([
      [file === "rubric.yaml" ? "name-in-measure" : "watched-name-in-measure", 0],
      ["watched-kind", 0],
    ]);
    expect(empty!.value).toBeCloseTo(file === "rubric.yaml" ? 2 / 12 : 0, 12);
    const preferred = await reward.prefer([
      { prompt, first: GOOD, second: "", tokens: [1, 0] },
      { prompt, first: "", second: "", tokens: [0, 0] },
    ]);
    expect(preferred).toEqual(["first", "tie"]);
  });

  it("says which file holds no rubric for all prompts", async () => {
    await expect(open("missing.yaml")).rejects.toThrow(/missing.yaml/);
  });

  it("trains the story model for two steps", async ({ skip }) => {
    if (!existsSync(MODEL)) return skip("../shared/data/models/stories260K is missing");
    const settings = ["steps=2", "promptsPerBatch=2", "groupSize=4", "maxTokens=30"];
    const small = ["evaluation.prompts=3", "evaluation.samples=1", "evaluation.every=1"];
    const loaded = loadRecipe(join(RECIPE, "recipe.yaml"), [...settings, ...small]);
    const recipe = loaded.recipe as GrpoRecipe;
    const run = RunDirectory.start(join(folder, "story"), { recipe });
    const interruption = { stopRequested: false } as Interruption;
    const progress = SILENT_PROGRESS;
    const outcome = await runGrpo({ recipe, resolve: loaded.resolve, run, progress, interruption });
    const evaluation = readFileSync(join(run.path, "evaluation-after.json"), "utf8");
    const { metrics, prompts } = JSON.parse(evaluation) as PolicyEvaluation;
    run.close();
    if (outcome.status !== "finished") throw new Error("not finished");
    expect(outcome.report.summary.map(({ name }) => name)).toContain("reward-happy-ending");
    expect(metrics["klToBase"]).not.toBe(0);
    // A model of stories is surprised by its own words by far less than by chance, ln 512 = 6.2.
    expect(metrics["baseSurprisal"]).toBeGreaterThan(0.5);
    expect(metrics["baseSurprisal"]).toBeLessThan(3);
    expect(prompts[0]!.responses[0]!.text).not.toContain("<s>");
  });
});
