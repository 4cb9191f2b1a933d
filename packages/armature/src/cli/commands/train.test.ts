import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { armature, inScratchFolder, NO_OPERATIONS } from "../../../test/cli/command-line.ts";
import type { Operations, TrainingJob } from "../operations.ts";

const scratch = inScratchFolder();

describe("armature train", () => {
  /** A method that takes three steps, asked to stop after `stopAfter` of them. */
  function threeSteps(seen: TrainingJob[], stopAfter = Number.POSITIVE_INFINITY): Operations {
    return {
      ...NO_OPERATIONS,
      train: {
        ...NO_OPERATIONS.train,
        arm: async () => async (job) => {
          seen.push(job);
          for (let step = (job.run.state?.position as number | undefined) ?? 0; step < 3; step++) {
            job.run.appendMetrics({ step });
            job.run.commitState({ position: step + 1, checkpoints: {} });
            if (step + 1 === stopAfter) return { status: "interrupted" };
          }
          const summary = [
            {
              name: "accuracy",
              label: "Accuracy",
              format: "percent" as const,
              before: { value: 0.643 },
              after: { value: 0.862 },
              change: { value: 0.219, low: 0.2, high: 0.24 },
            },
          ];
          const report = {
            title: "t",
            lead: "",
            summary,
            charts: [],
            tables: [],
            examples: [],
            notes: [],
            facts: [],
          };
          return { status: "finished", report };
        },
      },
    };
  }

  it("hands the method its recipe and run, writes the report and prints the summary", async () => {
    const seen: TrainingJob[] = [];
    const { code, stdout } = await armature(
      scratch.path,
      ["train", "recipe.yaml", "--name", "first", "--set", "seed=5"],
      threeSteps(seen),
    );
    expect(code).toBe(0);
    expect(seen[0]!.recipe.seed).toBe(5);
    expect(stdout).toMatchInlineSnapshot(`
      "
                before   after                         change
      Accuracy  64.3 %  86.2 %  +21.9 points (+20.0 to +24.0)

      report  runs/first/report.html
      "
    `);
    const run = join(scratch.path, "runs", "first");
    expect(readdirSync(run).sort()).toEqual(
      [
        "checkpoints",
        "config.json",
        "events.jsonl",
        "metrics.jsonl",
        "report.html",
        "report.json",
        "report.md",
        "rollouts",
        "state.json",
      ].sort(),
    );
    expect(JSON.parse(readFileSync(join(run, "config.json"), "utf8"))).toMatchObject({
      recipe: { seed: 5 },
      recipeFile: "../../recipe.yaml",
    });
  });

  it("exits with 130 when interrupted, and goes on where it stopped", async () => {
    const args = ["train", "recipe.yaml", "--name", "first"];
    const stopped = await armature(scratch.path, args, threeSteps([], 2));
    expect(stopped).toMatchObject({
      code: 130,
      stdout: "saved in runs/first; the same command goes on from here\n",
    });
    const seen: TrainingJob[] = [];
    expect((await armature(scratch.path, [...args, "--json"], threeSteps(seen))).code).toBe(0);
    expect(seen[0]!.run.state?.position).toBe(2);
    const metrics = readFileSync(join(scratch.path, "runs", "first", "metrics.jsonl"), "utf8");
    expect(metrics).toBe('{"step":0}\n{"step":1}\n{"step":2}\n');
  });

  it("does not go on under another recipe, but starts over when told to", async () => {
    const args = ["train", "recipe.yaml", "--name", "first"];
    await armature(scratch.path, args, threeSteps([]));
    const refused = await armature(scratch.path, [...args, "--set", "seed=9"], threeSteps([]));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatchInlineSnapshot(`
      "armature: FOLDER/runs/first: this run was begun with seed = 0, now it is 9; restore it, choose another --name, or start over with --fresh
      "
    `);
    expect((await armature(scratch.path, [...args, "--set", "seed=9", "--fresh"], threeSteps([]))).code).toBe(
      0,
    );
  });

  it("prints the recipe and the cost under --dry-run, and makes nothing", async () => {
    const text = await armature(scratch.path, ["train", "recipe.yaml", "--dry-run", "--set", "rounds=1"]);
    expect(text.stdout).toMatch(/^rounds: 1 +# --set rounds=1$/m);
    expect(text.stdout).toMatch(/^total +[\d,]+ +[\d,]+$/m);
    const json = JSON.parse(
      (await armature(scratch.path, ["train", "recipe.yaml", "--dry-run", "--json"])).stdout,
    ) as object;
    expect(Object.keys(json)).toEqual(["run", "recipe", "cost"]);
    expect(readdirSync(scratch.path)).toEqual(["recipe.yaml"]);
  });

  it("finds out before it starts that a file is missing, with the line that names it", async () => {
    writeFileSync(
      join(scratch.path, "local.yaml"),
      "method: arm\npairsPerRound: 4\nmodel:\n  path: model.gguf\ndata:\n  train: [pairs.jsonl]\n",
    );
    writeFileSync(join(scratch.path, "model.gguf"), "");
    const { code, stderr } = await armature(scratch.path, ["train", "local.yaml"]);
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "armature: local.yaml:6: data.train names pairs.jsonl, which does not exist (looked at FOLDER/pairs.jsonl); mend the path
      "
    `);
    expect(existsSync(join(scratch.path, "runs"))).toBe(false);
  });
});
