import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Row } from "../row.ts";

const DATA = new URL("../../../shared/data/alpaca-eval/", import.meta.url);

/** Preference vectors and the leaderboard that was computed from them. */
const BOARDS = [
  ["AlpacaEval 1", "prefs_alpacaeval1_gpt4.jsonl.gz", "ae1_alpaca_eval_gpt4_leaderboard.csv"],
  [
    "AlpacaEval 2, weighted",
    "prefs_gpt4turbo_weighted.jsonl.gz",
    "ae2_weighted_alpaca_eval_gpt4_turbo_leaderboard.csv",
  ],
] as const;

export const row: Row = {
  name: "bench-alpaca-eval",
  what: "published win rates, standard errors and discrete win rates of AlpacaEval 1 and 2 recomputed from the preference vectors; not the length-controlled rate, which needs fitted weights that are not published with the vectors",
  bar: "every win rate that the leaderboard has within 0.01 points",
  async measure() {
    if (!existsSync(DATA)) throw new Error("../shared/data/alpaca-eval is missing; this row measures on it");
    const { readAlpacaPreferences } = await import("../../packages/armature/src/bench/alpaca-eval.ts");
    const boards = [];
    for (const [board, preferences, leaderboard] of BOARDS) {
      const published = readLeaderboard(new URL(leaderboard, DATA));
      const rates = await readAlpacaPreferences(fileURLToPath(new URL(preferences, DATA)));
      const known = rates.filter(({ model }) => published.has(model));
      const largest = (
        difference: (of: (typeof known)[number], row: ReadonlyMap<string, number>) => number,
      ) =>
        known.reduce(
          (most, rate) => Math.max(most, Math.abs(difference(rate, published.get(rate.model)!))),
          0,
        );
      boards.push({
        board,
        models: known.length,
        withoutEntry: rates.filter(({ model }) => !published.has(model)).map(({ model }) => model),
        winRate: largest((rate, entry) => rate.winRate - entry.get("win_rate")!),
        standardError: largest(
          (rate, entry) => (rate.standardError ?? Number.NaN) - entry.get("standard_error")!,
        ),
        discreteWinRate: largest((rate, entry) => rate.discreteWinRate - entry.get("discrete_win_rate")!),
      });
    }
    const value = Math.max(...boards.map(({ winRate }) => winRate));
    return {
      value,
      unit: "points, largest difference",
      holds: value <= 0.01 && boards.every(({ models }) => models > 0),
      detail: { boards },
    };
  },
};

/** Numbers of a leaderboard by model and column; the model stands in the first column. */
function readLeaderboard(file: URL): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const [header, ...lines] = readFileSync(file, "utf8").trimEnd().split(/\r?\n/);
  const columns = header!.split(",");
  return new Map(
    lines.map((line) => {
      const cells = line.split(",");
      return [cells[0]!, new Map(columns.map((column, i) => [column, Number(cells[i])]))];
    }),
  );
}
