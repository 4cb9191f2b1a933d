import { SeededStream } from "@armature/engine";
import type { DpoRecipe, PolicyRecipe } from "../config/policy-recipe.ts";
import type { Prompt } from "../data/prompt.ts";
import { readPrompts } from "../data/read-prompts.ts";
import { isHeldOut } from "../data/split.ts";
import { ConfigError } from "../errors.ts";
import { policyPrompts } from "../sandbox/policy-prompts.ts";
import { type GivenPairs, givenPairs } from "./given-pairs.ts";
import type { Writer } from "./writer.ts";

/** What a run learns from and is measured on, in two parts that share no prompt. */
export interface PolicyData {
  /** In the order in which batches take them, again from the front where they run out. */
  readonly train: readonly Prompt[];
  readonly heldOut: readonly Prompt[];
  /** Pairs that a recipe gives; absent where it gives none. */
  readonly pairs?: GivenPairs;
  /** What was read and left out: lines for the log and the report. */
  readonly notes: readonly string[];
}

/** What of a recipe says where its data come from. */
export type PolicyDataRecipe = Pick<PolicyRecipe, "data" | "seed" | "evaluation"> & {
  readonly pairs?: DpoRecipe["pairs"];
};

/**
 * Makes or reads the prompts of a recipe, and its pairs where it gives some. Throws `DataError` for unusable files and
 * `ConfigError` for too few prompts or pairs.
 */
export async function policyData(
  recipe: PolicyDataRecipe,
  resolve: (path: string) => string,
  writer: Writer,
): Promise<PolicyData> {
  const { isHeldOut, ...prompts } = await readData(recipe, resolve, writer);
  const { pairs: source } = recipe;
  if (source === undefined || source.kind === "own") return prompts;
  const { pairs, notes } = await givenPairs(source, recipe.seed, resolve, writer, isHeldOut);
  return { ...prompts, pairs, notes: [...prompts.notes, ...notes] };
}

type ReadData = Omit<PolicyData, "pairs"> & { isHeldOut(prompt: Prompt): boolean };

async function readData(
  { data, seed, evaluation }: Pick<PolicyRecipe, "data" | "seed" | "evaluation">,
  resolve: (path: string) => string,
  writer: Writer,
): Promise<ReadData> {
  const order = new SeededStream(seed, "policy data order");
  if (data.kind === "sandbox") {
    const { train, heldOut } = policyPrompts();
    const tested = new Set(heldOut.map(({ id }) => id));
    return {
      train: order.shuffled(train),
      heldOut: heldOut.slice(0, evaluation.prompts),
      isHeldOut: ({ id }) => tested.has(id),
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
    isHeldOut: held,
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

/** The same without a prompt that the batch holds already, where it reaches from one pass into the next. */
export function distinctPrompts(
  train: readonly Prompt[],
  size: number,
  index: number,
  seed: number,
): readonly Prompt[] {
  return [...new Map(batchOf(train, size, index, seed).map((prompt) => [prompt.id, prompt])).values()];
}
