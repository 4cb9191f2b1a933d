import type { TrainingModel } from "@armature/tinker";
import type { PolicyRecipe } from "../../config/policy-recipe.ts";
import type { Prompt } from "../../data/prompt.ts";
import { ConfigError } from "../../errors.ts";
import { openPolicy } from "../open-policy.ts";
import { policyData } from "../policy-data.ts";
import type { Writer } from "../writer.ts";
import type { MeasuredPolicy } from "./compare-policies.ts";
import { type PolicyEvaluation, PolicyEvaluator } from "./policy-evaluation.ts";
import { openTrainedPolicy, type PolicyRun } from "./trained-policy.ts";

/** How policies are measured beside each other. */
export interface PolicyMeasuring {
  /** Held-out prompts. */
  readonly prompts: number;
  /** Responses a prompt. */
  readonly samples: number;
  readonly temperature: number;
  readonly seed: number;
  /** Called before each policy is measured. */
  readonly onProgress?: (name: string, done: number, total: number) => void;
}

/**
 * Measures the policy that all runs start from, named `base`, and the policies that they trained, on the same held-out prompts with
 * the same random numbers. Throws `ConfigError` for runs that start from different policies or answer different prompts.
 */
export async function measurePolicies(
  groups: readonly { readonly name: string; readonly runs: readonly PolicyRun[] }[],
  measuring: PolicyMeasuring,
): Promise<readonly MeasuredPolicy[]> {
  const runs = groups.flatMap((group) => group.runs);
  const [first] = runs;
  if (first === undefined) throw new ConfigError("there are no policies to compare; name at least one run");
  for (const { name, recipe } of runs) checkSameStart(first, name, recipe);
  const { recipe, resolve } = first;
  const base = await openPolicy(recipe, resolve, "");
  try {
    const baseSampler = await base.model.samplerNow().result;
    const heldOut = await heldOutPrompts(first, base.writer, measuring.prompts);
    const { samples, temperature, seed, onProgress } = measuring;
    const evaluator = new PolicyEvaluator({
      ...{ writer: base.writer, base: baseSampler, prompts: heldOut, reward: null, pairs: [] },
      ...{ sandbox: recipe.data.kind === "sandbox", samples, temperature, seed },
    });
    let done = 0;
    const measure = (name: string, model: TrainingModel): Promise<PolicyEvaluation> => {
      onProgress?.(name, done++, runs.length + 1);
      return evaluator.evaluateNow(model);
    };
    const measured: MeasuredPolicy[] = [{ name: "base", evaluations: [await measure("base", base.model)] }];
    for (const group of groups) {
      const evaluations: PolicyEvaluation[] = [];
      for (const run of group.runs) {
        const policy = await openTrainedPolicy(run);
        evaluations.push(await measure(run.name, policy.model).finally(() => policy.close()));
      }
      measured.push({ name: group.name, evaluations });
    }
    return measured;
  } finally {
    await base.close();
  }
}

async function heldOutPrompts(
  { recipe, resolve }: PolicyRun,
  writer: Writer,
  prompts: number,
): Promise<readonly Prompt[]> {
  const evaluation = { ...recipe.evaluation, prompts };
  return (await policyData({ ...recipe, evaluation }, resolve, writer)).heldOut;
}

function checkSameStart(first: PolicyRun, name: string, recipe: PolicyRecipe): void {
  const differing = (["model", "data", "maxTokens"] as const).find(
    (key) => JSON.stringify(recipe[key]) !== JSON.stringify(first.recipe[key]),
  );
  if (differing !== undefined)
    throw new ConfigError(
      `${name}: its recipe differs from ${first.name}'s in ${differing}; compare runs that start from one policy on the same prompts`,
    );
}
