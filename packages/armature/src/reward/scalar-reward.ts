import { dirname, join, resolve } from "node:path";
import { bradleyTerryRecipe } from "../config/bradley-terry-recipe.ts";
import { contentId } from "../data/content-id.ts";
import type { Prompt } from "../data/prompt.ts";
import { DataError, RunError } from "../errors.ts";
import { readRun } from "../run/run-directory.ts";
import { type OpenScalarModel, openScalarModel } from "../train/bradley-terry-model.ts";

/** A response to be scored. */
export interface ScalarItem {
  readonly prompt: Prompt;
  readonly response: string;
}

/** A trained scalar reward model, ready to be asked. It stands as a scorer in a bench and in studies as it is. */
export interface ScalarReward {
  /** Run and checkpoint: equal ids score alike. */
  readonly id: string;
  /** A null value is a failure: a response that does not fit the context, or words that a sandbox model does not know. */
  score(prompt: Prompt, response: string): Promise<{ readonly value: number | null }>;
  /** One score per item; items of one prompt are cheapest as neighbours. */
  scores(items: readonly ScalarItem[]): Promise<readonly (number | null)[]>;
  close(): Promise<void>;
}

/** How a run is opened as a reward. */
export interface ScalarRewardSettings {
  /** ONNX Runtime threads; default the recipe's. */
  readonly threads?: number;
}

/** Sequences scored by one call. */
const ITEMS_PER_CALL = 256;

/**
 * Opens what a `bradley-terry` run trained: the checkpoint that did best on its watching pairs, or of a run still going on its
 * last one. Throws `RunError` for a folder that is no such run or has saved nothing yet.
 */
export async function openScalarReward(
  run: string,
  { threads }: ScalarRewardSettings = {},
): Promise<ScalarReward> {
  const path = resolve(run);
  const { config, state } = readRun(path, run);
  const recipe = bradleyTerryRecipe.safeParse(config.recipe);
  if (!recipe.success)
    throw new RunError(
      `${run}: is no run of method bradley-terry of this version; train one, or name another`,
    );
  const saved = state?.checkpoints["model"];
  if (saved === undefined)
    throw new RunError(`${run}: nothing was saved yet; let the run reach its first commit`);
  const { model, seed } = recipe.data;
  const folder = dirname(resolve(path, config.recipeFile ?? "."));
  const source = { model: { ...model, ...(threads !== undefined && { threads }) }, seed };
  const open = await openScalarModel(source, (file) => resolve(folder, file), "");
  try {
    await open.model.loadState(join(path, "checkpoints", saved), { optimizer: false }).result;
    return new RunScalarReward(`bradley-terry:${contentId([config.hash, saved])}`, open);
  } catch (error) {
    await open.close();
    throw error;
  }
}

class RunScalarReward implements ScalarReward {
  readonly id: string;
  readonly #open: OpenScalarModel;
  /** Items that were asked for one by one since the last call of the engine. */
  #waiting: { readonly item: ScalarItem; readonly answer: (score: Promise<number | null>) => void }[] = [];

  constructor(id: string, open: OpenScalarModel) {
    this.id = id;
    this.#open = open;
  }

  async score(prompt: Prompt, response: string): Promise<{ readonly value: number | null }> {
    const value = await new Promise<number | null>((answer) => {
      this.#waiting.push({ item: { prompt, response }, answer });
      if (this.#waiting.length === 1) setImmediate(() => this.#scoreWaiting());
    });
    return { value };
  }

  async scores(items: readonly ScalarItem[]): Promise<readonly (number | null)[]> {
    const sequences = items.map((item) => this.#sequence(item));
    const scores: (number | null)[] = Array(items.length).fill(null);
    const places = [...items.keys()].filter((i) => sequences[i] !== null);
    for (let start = 0; start < places.length; start += ITEMS_PER_CALL) {
      const part = places.slice(start, start + ITEMS_PER_CALL);
      const found = await this.#open.model.score(part.map((i) => sequences[i]!)).result;
      part.forEach((place, i) => {
        scores[place] = found[i]!;
      });
    }
    return scores;
  }

  close(): Promise<void> {
    return this.#open.close();
  }

  /** Callers that ask at the same time share a call of the engine, which a single sequence would leave idle. */
  #scoreWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const scores = this.scores(waiting.map(({ item }) => item));
    waiting.forEach(({ answer }, i) => {
      answer(scores.then((all) => all[i]!));
    });
  }

  #sequence({ prompt, response }: ScalarItem): Int32Array | null {
    try {
      const tokens = this.#open.sequence(prompt, response);
      return tokens.length <= this.#open.contextLength ? tokens : null;
    } catch (error) {
      if (DataError.isInstance(error)) return null;
      throw error;
    }
  }
}
