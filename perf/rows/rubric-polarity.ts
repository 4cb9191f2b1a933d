import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { pitfallPolarity, readRubricItems } from "armature";
import type { Measurement, Row } from "../row.ts";

const FILE = new URL("../../../shared/data/healthbench/healthbench_rubrics.jsonl.gz", import.meta.url);
/** Largest share of bad statements that may be read as good. */
const BAR = 0.01;

export const row: Row = {
  name: "rubric-polarity",
  what: "polarity by wording on HealthBench's criteria of negative points, all of which are bad when true",
  bar: "at most 1 % read as good",
  async measure(): Promise<Measurement> {
    const path = fileURLToPath(FILE);
    if (!existsSync(path))
      throw new Error("../shared/data/healthbench is absent; put the data beside the repository");
    const { items } = await readRubricItems(path);
    const bad = items.flatMap(({ rubric }) => rubric.criteria).filter(({ weight }) => weight < 0);
    const readings = bad.map(({ text }) => pitfallPolarity(text));
    const good = readings.filter(({ polarity }) => polarity === "good").length;
    return {
      value: good,
      unit: `of ${bad.length} read as good`,
      holds: good / bad.length <= BAR,
      detail: { unclear: readings.filter(({ sure }) => !sure).length },
    };
  },
};
