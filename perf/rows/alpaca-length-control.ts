import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Row } from "../row.ts";

const DATA = new URL("../../../shared/data/alpaca-eval/", import.meta.url);
const REFERENCE = "gpt4_1106_preview";

export const row: Row = {
  name: "alpaca-length-control",
  what: "length-controlled win rates of our regression against AlpacaEval 2's leaderboard, whose instruction difficulties and anchor models are not published with its vectors: difficulties come from the other models' preferences",
  bar: "nearer to the leaderboard's length-controlled win rates than the raw win rates are, on average over models",
  async measure() {
    if (!existsSync(DATA)) throw new Error("../shared/data/alpaca-eval is missing; this row measures on it");
    const { readRows } = await import("../../packages/armature/src/data/read-rows.ts");
    const { lengthControlledWinRate } = await import(
      "../../packages/armature/src/evaluation/length-control.ts"
    );
    const rowsOf = async (name: string) => {
      const rows = [];
      for await (const { value } of readRows(fileURLToPath(new URL(name, DATA)))) rows.push(value);
      return rows;
    };
    const lengths = new Map(
      (await rowsOf("outputs.jsonl.gz")).map(({ model, outputs }) => [
        model as string,
        (outputs as readonly (string | null)[]).map((text) => [...(text ?? "")].length),
      ]),
    );
    const published = leaderboard();
    const vectors = (await rowsOf("prefs_gpt4turbo_weighted.jsonl.gz")).map((value) => ({
      model: value["model"] as string,
      shares: (value["preference"] as readonly (number | null)[]).map(shareOf),
    }));
    const compared = vectors.flatMap(({ model, shares }) => {
      const [own, other, column] = [lengths.get(model), lengths.get(REFERENCE), published.get(model)];
      if (own === undefined || other === undefined || column === undefined || model === REFERENCE) return [];
      const difficulty = difficulties(vectors.filter((vector) => vector.model !== model));
      const comparisons = shares.flatMap((preference, i) =>
        preference === null ? [] : [{ preference, length: own[i]!, otherLength: other[i]!, place: i }],
      );
      const hard = comparisons.map(({ place, ...one }) => ({ ...one, difficulty: difficulty[place]! }));
      const settings = { seed: 0, resamples: 1 };
      const { raw, controlled } = lengthControlledWinRate(hard, settings)!;
      const plain = lengthControlledWinRate(comparisons, settings)!;
      return [
        {
          ...{ model, published: column, raw: 100 * raw.value },
          controlled: 100 * controlled.value,
          withoutDifficulty: 100 * plain.controlled.value,
        },
      ];
    });
    const meanGap = (key: "raw" | "controlled" | "withoutDifficulty") =>
      compared.reduce((sum, one) => sum + Math.abs(one[key] - one.published), 0) / compared.length;
    const value = meanGap("controlled");
    const gapOf = (one: (typeof compared)[number]) => Math.abs(one.controlled - one.published);
    const worst = [...compared].sort((a, b) => gapOf(b) - gapOf(a))[0]!;
    return {
      value,
      unit: "points, mean difference",
      holds: value < meanGap("raw"),
      detail: {
        models: compared.length,
        rawDifference: meanGap("raw"),
        withoutDifficulty: meanGap("withoutDifficulty"),
        worst,
      },
    };
  },
};

/** A preference of 1 to 2 as a share; 0 is a draw. */
function shareOf(preference: number | null): number | null {
  return preference === null ? null : preference === 0 ? 0.5 : preference - 1;
}

/** Log-odds of each prompt's mean preference over models, with mean 0. */
function difficulties(
  vectors: readonly { readonly shares: readonly (number | null)[] }[],
): readonly number[] {
  const odds = vectors[0]!.shares.map((_, i) => {
    const known = vectors.flatMap(({ shares }) => shares[i] ?? []);
    const mean = known.reduce((a, b) => a + b, 0) / known.length;
    return Math.log(mean / (1 - mean));
  });
  const centre = odds.reduce((a, b) => a + b) / odds.length;
  return odds.map((value) => value - centre);
}

/** The leaderboard's length-controlled win rates in percent, by model. */
function leaderboard(): ReadonlyMap<string, number> {
  const file = new URL("ae2_weighted_alpaca_eval_gpt4_turbo_leaderboard.csv", DATA);
  const [header, ...lines] = readFileSync(file, "utf8").trimEnd().split(/\r?\n/);
  const column = header!.split(",").indexOf("length_controlled_winrate");
  return new Map(
    lines.flatMap((line) => {
      const cells = line.split(",");
      const value = cells[column];
      return value === undefined || value === "" ? [] : [[cells[0]!, Number(value)] as const];
    }),
  );
}
