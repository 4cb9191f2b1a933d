import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { gunzipSync } from "node:zlib";
import { exportRubrics, readRubricItems, rubricFormat } from "armature";
import type { Measurement, Row } from "../row.ts";

const DATA = new URL("../../../shared/data/", import.meta.url);

interface Count {
  readonly rubrics: number;
  readonly criteria: number;
  /** Sums of weights above and below zero. */
  readonly positive: number;
  readonly negative: number;
  readonly responses: number;
  readonly verdicts: number;
}

type Raw = Readonly<Record<string, unknown>>;
const list = (value: unknown) => value as readonly Raw[];
const count = (rows: number, weights: readonly number[], rest: Partial<Count> = {}): Count => ({
  rubrics: rows,
  criteria: weights.length,
  positive: weights.filter((weight) => weight > 0).reduce((sum, weight) => sum + weight, 0),
  negative: weights.filter((weight) => weight < 0).reduce((sum, weight) => sum + weight, 0),
  responses: 0,
  verdicts: 0,
  ...rest,
});
const ones = (items: readonly unknown[]) => items.map(() => 1);

/** Each file and its count by a loop over the raw JSON, through none of our readers. */
const FILES: Readonly<Record<string, (rows: readonly Raw[]) => Count>> = {
  "deep-research-rubrics/deepresearchbench_criteria.jsonl.gz": (rows) =>
    count(
      rows.length,
      rows.flatMap((row) =>
        Object.entries(row["criterions"] as Readonly<Record<string, readonly Raw[]>>).flatMap(
          ([name, criteria]) =>
            criteria.map(
              ({ weight }) => Number(weight) * (row["dimension_weight"] as Record<string, number>)[name]!,
            ),
        ),
      ),
    ),
  "deep-research-rubrics/researcherbench_rubric.jsonl.gz": (rows) =>
    count(
      rows.length,
      rows.flatMap((row) => list(row["rubric"]).map(({ weight }) => Number(weight))),
    ),
  "deep-research-rubrics/scholarqa_cs.jsonl.gz": (rows) =>
    count(
      rows.length,
      rows.flatMap((row) => {
        const { config } = row["metric_config"] as { readonly config: Raw };
        return list(config["other_properties"]).map(({ weight }) => Number(weight));
      }),
    ),
  "deep-research-rubrics/scholarqa_prometheus_rubrics.json": (rows) => count(rows.length, ones(rows)),
  "healthbench/healthbench_rubrics.jsonl.gz": (rows) =>
    count(
      rows.length,
      rows.flatMap((row) => list(row["rubrics"]).map(({ points }) => Number(points))),
    ),
  "hellobench/chat.jsonl.gz": helloBench,
  "hellobench/heuristic_text_generation.jsonl.gz": helloBench,
  ...Object.fromEntries(
    ["chat", "heuristic_text_generation", "open_ended_qa", "summarization", "text_completion"].map((name) => [
      `hellobench/checklist_${name}.json`,
      ([row]: readonly Raw[]) => {
        const checklists = Object.values(row!).map(list);
        return count(checklists.length, ones(checklists.flat()));
      },
    ]),
  ),
  "infobench/infobench.jsonl.gz": (rows) =>
    count(rows.length, ones(rows.flatMap((row) => list(row["decomposed_questions"]))), {
      responses: rows.length,
      verdicts: rows.flatMap((row) => list(row["eval"])).filter((met) => met !== null).length,
    }),
};

/** Files of the folders that hold no rubrics, with what they hold. */
const NO_RUBRICS = {
  "deep-research-rubrics/deepresearchbench_claude37.jsonl.gz": "reports without rubrics",
  "deep-research-rubrics/deepresearchbench_claude37_scores.jsonl": "scores of whole reports",
  "deep-research-rubrics/researcherbench_answers.jsonl.gz": "answers without rubrics",
};

function helloBench(rows: readonly Raw[]): Count {
  const answers = rows.flatMap((row) => list(row["answers"]));
  return count(rows.length, ones(rows.flatMap((row) => list(row["checklists"]))), {
    responses: answers.length,
    verdicts: answers.flatMap(({ scores }) => list(scores)).filter((score) => score !== null).length,
  });
}

export const row: Row = {
  name: "rubric-import",
  what: "published rubrics imported and counted against a loop over the raw files; rows written back",
  bar: "all rows, criteria, points, responses and verdicts of four folders, none lost",
  async measure(): Promise<Measurement> {
    const files: Record<string, unknown> = {};
    let [expected, found, lost] = [0, 0, 0];
    let holds = true;
    const started = performance.now();
    for (const [name, countRaw] of Object.entries(FILES)) {
      const path = fileURLToPath(new URL(name, DATA));
      if (!existsSync(path))
        throw new Error(`../shared/data/${name} is absent; put the data beside the repository`);
      process.stderr.write(`${name}\n`);
      const given = rawRows(path);
      const raw = countRaw(given);
      const { items, report } = await readRubricItems(path);
      const read: Count = {
        rubrics: items.length,
        criteria: report.criteria,
        ...report.weight,
        responses: report.responses,
        verdicts: report.verdicts,
      };
      // The same rows again: what does not come back was lost on the way in or out.
      const { rows, lost: losses } = exportRubrics(items, rubricFormat(report.format));
      const changed = given.filter(
        (row, i) => !isDeepStrictEqual(JSON.parse(JSON.stringify(rows[i])), row),
      ).length;
      const lostParts = changed + Object.values(losses).reduce((sum, one) => sum + one, 0);
      const equal = (Object.keys(raw) as (keyof Count)[]).every(
        (key) => Math.abs(raw[key] - read[key]) < 1e-6,
      );
      holds &&= equal && lostParts === 0;
      expected += raw.rubrics;
      found += read.rubrics;
      lost += lostParts;
      files[name] = { format: report.format, ...read, ...(!equal && { raw }), lost: lostParts };
    }
    return {
      value: found,
      unit: `rubrics of ${expected}`,
      holds: holds && found === expected,
      detail: {
        lost,
        seconds: Number(((performance.now() - started) / 1000).toFixed(1)),
        files,
        withoutRubrics: NO_RUBRICS,
      },
    };
  },
};

function rawRows(path: string): readonly Raw[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  if (path.endsWith(".json")) {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [value as Raw];
  }
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as Raw);
}
