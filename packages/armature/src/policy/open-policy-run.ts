import { basename, dirname, join, resolve } from "node:path";
import { openModel } from "@armature/engine";
import { bestOfNRecipe, dpoRecipe, grpoRecipe, type PolicyRecipe } from "../config/policy-recipe.ts";
import { contentId } from "../data/content-id.ts";
import { RunError } from "../errors.ts";
import { PolicyModel } from "../llm/policy-model.ts";
import { readRun } from "../run/run-directory.ts";
import { nanoModelPath } from "../train/arm-models.ts";
import { openPolicy } from "./open-policy.ts";

/** Recipes of the methods that train a policy. */
const POLICY_RECIPES = [grpoRecipe, dpoRecipe, bestOfNRecipe] as const;

/**
 * The policy that a run saved last, as a language model that answers as it was trained: through the same writer, at most as
 * long. `name` is how messages call the run. Throws `RunError` where the folder is no run, the run trains no policy, or
 * nothing was saved yet; errors of `openPolicy`.
 */
export async function openPolicyRun(path: string, name: string): Promise<PolicyModel> {
  const { config, state } = readRun(path, name);
  const recipe = policyRecipe(config.recipe);
  if (recipe === null)
    throw new RunError(
      `${name}: trains no policy, or was made by another version of Armature; give a run of grpo, dpo or best-of-n`,
    );
  const saved = state?.checkpoints["policy"];
  if (saved === undefined)
    throw new RunError(`${name}: nothing was saved yet; let the run reach its first commit`);
  const folder = dirname(resolve(path, config.recipeFile ?? "."));
  const { model } = recipe;
  const base = model.kind === "sandbox" ? nanoModelPath("policy") : resolve(folder, model.path);
  const { config: shape, tokenizer, weights } = openModel(base);
  weights.close();
  const checkpoint = join(path, "checkpoints", saved);
  const policy = await openPolicy(
    { ...recipe, model: { ...model, checkpoint, url: null } },
    (file) => resolve(folder, file),
    join(path, "checkpoints"),
  );
  const { speaker, prompt } = policy.writer;
  return new PolicyModel({
    id: `${basename(path)}+${contentId([config.recipe, config.createdAt, saved])}`,
    sampler: await policy.model.samplerNow().result,
    encoder: {
      encodeChat: (messages) => Int32Array.from(prompt({ id: "", messages })),
      encode: (text) => withoutEnd(speaker.encodeCompletion(text), speaker.stop),
      decode: speaker.decode,
      eosTokens: speaker.stop,
    },
    endTexts: speaker.stop.map((token) => tokenizer.decode([token])).filter((text) => text !== ""),
    contextLength: shape.maxContextLength,
    maxTokens: speaker.maxTokens,
    alternatives: true,
    close: policy.close,
  });
}

function policyRecipe(value: unknown): PolicyRecipe | null {
  for (const schema of POLICY_RECIPES) {
    const { data } = schema.safeParse(value);
    if (data !== undefined) return data;
  }
  return null;
}

function withoutEnd(tokens: Int32Array, stop: readonly number[]): Int32Array {
  return stop.includes(tokens.at(-1) ?? -1) ? tokens.subarray(0, -1) : tokens;
}
