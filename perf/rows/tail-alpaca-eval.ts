import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Row } from "../row.ts";

const DATA = new URL("../../../shared/data/alpaca-eval/", import.meta.url);

export const row: Row = {
  name: "tail-alpaca-eval",
  what: "length as a proxy reward for what a strong annotator prefers: 31 models' answers to the 805 prompts of AlpacaEval 2, studied as armature study tail does",
  bar: "the map of one half of the prompts predicts best of n on the other half within 0.02",
  async measure() {
    if (!existsSync(DATA)) throw new Error("../shared/data/alpaca-eval is missing; this row measures on it");
    const { readRows } = await import("../../packages/armature/src/data/read-rows.ts");
    const { studyTail } = await import("../../packages/armature/src/study/tail-empirical.ts");
    const lists = async (file: string, field: string) => {
      const found = new Map<string, readonly unknown[]>();
      for await (const { value } of readRows(fileURLToPath(new URL(file, DATA))))
        found.set(value["model"] as string, value[field] as readonly unknown[]);
      return found;
    };
    const outputs = await lists("outputs.jsonl.gz", "outputs");
    const preferences = await lists("prefs_gpt4turbo_weighted.jsonl.gz", "preference");
    const models = [...outputs.keys()].filter((model) => preferences.has(model));
    const prompts = Array.from({ length: 805 }, (_, i) => {
      const scored = models.flatMap((model) => {
        const [text, preference] = [outputs.get(model)![i], preferences.get(model)![i]];
        return typeof text === "string" && typeof preference === "number"
          ? [{ proxy: Array.from(text).length, gold: preference }]
          : [];
      });
      return {
        prompt: String(i),
        proxy: scored.map((one) => one.proxy),
        gold: scored.map((one) => one.gold),
      };
    });
    const { accuracy, rankCorrelation, bestOfN, heldOut, fewestResponses, responses } = studyTail(prompts, {
      seed: 0,
    });
    return {
      value: heldOut!.largestDifference!,
      unit: "largest difference of a win rate",
      holds: heldOut!.largestDifference! <= 0.02,
      detail: {
        models: models.length,
        responses,
        fewestResponses,
        accuracyHigh: accuracy.high,
        accuracyLow: accuracy.low,
        rankCorrelation,
        bestOfN,
      },
    };
  },
};
