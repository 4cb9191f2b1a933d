import { SeededStream } from "@armature/engine";
import type { PolicyRecipe } from "../config/policy-recipe.ts";
import type { Prompt } from "../data/prompt.ts";
import { readPrompts } from "../data/read-prompts.ts";
import { isHeldOut } from "../data/split.ts";
import { ConfigError } from "../errors.ts";
import { policyPrompts } from "../sandbox/policy-prompts.ts";
import type { Writer } from "./writer.ts";

/** The prompts of a run, in two parts that share none. */
export interface PolicyData {
  /** In the order in which batches take them, again from the front where they run out. */
  readonly train: readonly Prompt[];
  readonly heldOut: readonly Prompt[];
  /** What was read and left out: lines for the log and the report. */
  readonly notes: readonly string[];
}

/** Makes or reads the prompts of a recipe. Throws `DataError` for unusable files and `ConfigError` for too few prompts. */
export async function policyData(
  { data, seed, evaluation }: Pick<PolicyRecipe, "data" | "seed" | "evaluation">,
  resolve: (path: string) => string,
  writer: Writer,
): Promise<PolicyData> {
  const order = new SeededStream(seed, "policy data order");
  if (data.kind === "sandbox") {
    const { train, heldOut } = policyPrompts();
    return {
      train: order.shuffled(train),
      heldOut: heldOut.slice(0, evaluation.prompts),
      notes: [
        `sandbox: ${train.length} requests to learn from, ${Math.min(heldOut.length, evaluation.prompts)} others to measure on`,
      ],
    };
  }
  const readAll = async (files: readonly string[]) => {
    const prompts = (await Promise.all(files.map((file) => readPrompts(resolve(file), data.badRows)))).flat();
    return [...new Map(prompts.map((prompt) => [prompt.id, prompt])).values()];
  };
  const read = await readAll(data.prompts);
  const named = await readAll(data.heldOut);
  const tested = new Set(named.map(({ id }) => id));
  const held = (prompt: Prompt) =>
    named.length > 0 ? tested.has(prompt.id) : isHeldOut(prompt.id, data.heldOutShare);
  const fits = (prompt: Prompt) => writer.prompt(prompt).length <= data.maxPromptTokens;
  const train = read.filter((prompt) => !held(prompt));
  const heldOut = named.length > 0 ? named : read.filter(held);
  const [fittedTrain, fittedTest] = [train.filter(fits), heldOut.filter(fits)];
  if (fittedTrain.length === 0 || fittedTest.length === 0)
    throw new ConfigError(
      `${data.prompts.join(", ")}: ${fittedTrain.length} prompts to learn from and ${fittedTest.length} to measure on fit into ${data.maxPromptTokens} tokens; give more prompts, or raise data.maxPromptTokens`,
    );
  return {
    train: order.shuffled(fittedTrain),
    heldOut: order.shuffled(fittedTest).slice(0, evaluation.prompts),
    notes: [
      `prompts: ${read.length} distinct ones read, ${train.length - fittedTrain.length} and ${heldOut.length - fittedTest.length} held-out ones longer than ${data.maxPromptTokens} tokens left out`,
    ],
  };
}

/** The prompts of batch `index`: the list is gone through again and again, each time in an order of its own. */
export function batchOf(
  train: readonly Prompt[],
  size: number,
  index: number,
  seed: number,
): readonly Prompt[] {
  const orders = new Map<number, readonly Prompt[]>([[0, train]]);
  return Array.from({ length: size }, (_, i) => {
    const place = index * size + i;
    const pass = Math.floor(place / train.length);
    const order = orders.get(pass) ?? new SeededStream(seed, "policy pass", pass).shuffled(train);
    orders.set(pass, order);
    return order[place % train.length]!;
  });
}
