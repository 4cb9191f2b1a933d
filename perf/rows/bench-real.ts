import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Row } from "../row.ts";

/** Items of a suite that the scalar model is asked about, the judge half as many; ARMATURE_LIMIT gives another number. */
const LIMIT = 24;

export const row: Row = {
  name: "bench-real",
  what: "seven real suites end to end by three reward models: length, a Bradley-Terry model on SmolLM2-135M trained here, and SmolLM2-135M as a judge by a rubric; ARMATURE_MODEL names the model, ARMATURE_PERF_RUNS a folder to go on in",
  bar: "every suite has a result of each of the three, with at most 5 % of the comparisons not judged",
  async measure() {
    const { realBench, realScorers, SUITES } = await import("../benches/real-benches.ts");
    const { readBenchResult } = await import("../../packages/armature/src/bench/open-suite.ts");
    const { compareResults } = await import("../../packages/armature/src/bench/compare-results.ts");
    const model = process.env["ARMATURE_MODEL"];
    if (model === undefined) throw new Error("ARMATURE_MODEL names no model; give a GGUF file or a folder");
    const folder = process.env["ARMATURE_PERF_RUNS"] ?? mkdtempSync(join(tmpdir(), "armature-bench-real-"));
    const limit = Number(process.env["ARMATURE_LIMIT"] ?? LIMIT);
    const trainingPairs = 4 * limit;
    const scorers = await realScorers({
      ...{ folder, model, scalarItems: limit, judgeItems: Math.ceil(limit / 2), trainingPairs },
    });
    const suites = [];
    for (const suite of SUITES) {
      const results = [];
      for (const scorer of scorers)
        results.push(readBenchResult(join(await realBench(folder, suite, scorer), "result.json")));
      const [length] = results;
      suites.push({
        suite,
        models: results.map((result) => ({
          scorer: result.scorer,
          items: result.items,
          average: result.average,
          unjudged: result.unjudged / result.comparisons,
          ties: result.ties,
          ece: result.calibration?.ece ?? null,
          contaminated: result.overlap?.samePrompt ?? null,
          secondsPer100: result.secondsPer100,
          lessLength: result === length ? null : compareResults(length!, result, { seed: 0 }).difference,
        })),
      });
    }
    const unjudged = Math.max(...suites.flatMap(({ models }) => models.map((one) => one.unjudged)));
    const complete = suites.every(
      ({ models }) => models.length >= 3 && models.every((one) => one.average !== null),
    );
    return {
      value: suites.length,
      unit: "suites",
      holds: complete && unjudged <= 0.05,
      detail: { mostUnjudged: unjudged, trainingPairs, suites },
    };
  },
};
