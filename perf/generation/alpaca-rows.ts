import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { SeededStream } from "@armature/engine";
import { promptId } from "../../packages/armature/src/data/content-id.ts";
import type { Prompt } from "../../packages/armature/src/index.ts";

/** A prompt of AlpacaEval with answers of different models and labels of which is better. */
export interface AlpacaRow {
  readonly prompt: Prompt;
  /** One answer of each of the strongest models, different ones only. */
  readonly great: readonly string[];
  /** Best first: an answer that the annotator clearly preferred to the reference's, the reference's, one clearly behind it. */
  readonly ranked: readonly string[];
}

const DATA = fileURLToPath(new URL("../../../shared/data/alpaca-eval/", import.meta.url));
const REFERENCE = "gpt4_1106_preview";
/** Answers that game the annotator instead of answering. */
const NO_ANSWERS = new Set(["NullModel", "gpt4_gamed"]);
/** The preference lies between 1 (the reference) and 2 (the model). */
const CLEAR = 0.35;

interface Outputs {
  readonly model: string;
  readonly outputs: readonly string[];
}

interface Preferences {
  readonly model: string;
  readonly reference: string;
  readonly preference: readonly (number | null)[];
}

/** The first models of the file are the strongest; it goes down from frontier models to the oldest. */
const STRONGEST = 24;
/** Answers that a prompt must have, so that there is something to choose. */
const FEWEST = 4;

/**
 * Prompts drawn by seed among those with a clear winner and a clear loser; null where the data is not there. With `shorter`
 * only texts of at most so many characters count, for models and machines that long ones are too much for.
 */
export function alpacaRows(
  count: number,
  seed: number,
  shorter = Number.POSITIVE_INFINITY,
): readonly AlpacaRow[] | null {
  if (!existsSync(`${DATA}outputs.jsonl.gz`)) return null;
  const prompts = read<{ instruction: string }>("prompts");
  const outputs = read<Outputs>("outputs").filter(({ model }) => !NO_ANSWERS.has(model));
  const byModel = new Map(outputs.map(({ model, outputs: texts }) => [model, texts]));
  const preferences = read<Preferences>("prefs_gpt4turbo_weighted").filter(
    ({ model, reference }) => reference === REFERENCE && byModel.has(model) && model !== REFERENCE,
  );
  const fits = (text: string): boolean => text.trim() !== "" && text.length <= shorter;
  const usable = prompts.flatMap(({ instruction }, i): AlpacaRow[] => {
    const labelled = preferences
      .map(({ model, preference }) => ({ text: byModel.get(model)![i]!, score: preference[i] ?? Number.NaN }))
      .filter(({ text, score }) => Number.isFinite(score) && fits(text))
      .toSorted((a, b) => b.score - a.score);
    const [best, worst] = [labelled[0], labelled.at(-1)];
    const great = [...new Set(outputs.slice(0, STRONGEST).map(({ outputs: texts }) => texts[i]!))].filter(
      fits,
    );
    if (great.length < FEWEST || !fits(instruction)) return [];
    if (!best || !worst || best.score < 1.5 + CLEAR || worst.score > 1.5 - CLEAR) return [];
    const messages = [{ role: "user" as const, content: instruction }];
    return [
      {
        prompt: { id: promptId(messages), messages },
        great,
        ranked: [best.text, byModel.get(REFERENCE)![i]!, worst.text],
      },
    ];
  });
  return new SeededStream(seed, "alpaca prompts").shuffled(usable).slice(0, count);
}

function read<T>(name: string): readonly T[] {
  const text = gunzipSync(readFileSync(`${DATA}${name}.jsonl.gz`)).toString("utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
}
