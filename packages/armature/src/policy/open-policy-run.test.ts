import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadRecipe } from "../config/load-recipe.ts";
import type { GrpoRecipe } from "../config/policy-recipe.ts";
import { type OpenLanguageModels, openLanguageModels } from "../llm/open-language-model.ts";
import type { Interruption } from "../run/interruption.ts";
import { SILENT_PROGRESS } from "../run/progress.ts";
import { RunDirectory, readRun } from "../run/run-directory.ts";
import { policyPrompts } from "../sandbox/policy-prompts.ts";
import { runGrpo } from "./grpo/grpo-run.ts";
import { openPolicy } from "./open-policy.ts";
import { greedyResponses } from "./policy-rollouts.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-policy-as-model-"));
const opened: OpenLanguageModels[] = [];
afterAll(async () => {
  await Promise.all(opened.map((models) => models.close()));
  rmSync(folder, { recursive: true });
});

const [prompt] = policyPrompts().heldOut;

async function trained(): Promise<GrpoRecipe> {
  const file = join(folder, "recipe.yaml");
  writeFileSync(file, "method: grpo\npreset: sandbox\nreward: {kind: sandbox-truth}\n");
  const settings = ["steps=2", "promptsPerBatch=4", "groupSize=4", "learningRate=0.02"];
  const small = ["evaluation.prompts=2", "evaluation.every=0"];
  const recipe = loadRecipe(file, [...settings, ...small], folder).recipe as GrpoRecipe;
  const run = RunDirectory.start(join(folder, "trained"), { recipe });
  const interruption = { stopRequested: false } as Interruption;
  await runGrpo({ recipe, resolve: (path) => path, run, progress: SILENT_PROGRESS, interruption });
  run.close();
  return recipe;
}

describe("a trained policy as a language model", () => {
  it("answers with the weights that its run saved last, and no longer than it was trained to", async () => {
    const recipe = await trained();
    const models = await openLanguageModels(["trained"], { cwd: folder });
    opened.push(models);
    const [model] = models.models;
    const { choices } = await model!.complete({
      messages: prompt!.messages,
      maxTokens: 1024,
      temperature: 0,
    });
    const { state } = readRun(join(folder, "trained"));
    const checkpoint = join(folder, "trained", "checkpoints", state!.checkpoints["policy"]!);
    const greedyOf = async (start: string | null) => {
      const model = { ...recipe.model, checkpoint: start } as GrpoRecipe["model"];
      const policy = await openPolicy({ ...recipe, model }, (path) => path, folder);
      const sampler = await policy.model.samplerNow().result;
      const [text] = await greedyResponses(sampler, policy.writer, [prompt!]);
      await policy.close();
      return text;
    };
    expect(choices[0]!.text).toBe(await greedyOf(checkpoint));
    // The rate is so high that two steps change what is said.
    expect(choices[0]!.text).not.toBe(await greedyOf(null));
    // The log's place in a cache depends on run and checkpoint.
    expect(model!.id).toMatch(/^trained\+[0-9a-f]+/);
  });

  it("refuses runs without a policy", async () => {
    const other = RunDirectory.start(join(folder, "other"), { recipe: { method: "arm" } });
    other.commitState({ position: null, checkpoints: {} });
    other.close();
    await expect(openLanguageModels([join(folder, "other")])).rejects.toThrow(
      /other: trains no policy, or was made by another version of Armature; give a run of grpo, dpo or best-of-n/,
    );
  });
});
