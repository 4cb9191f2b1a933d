import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRowLines } from "../data/read-rows.ts";
import { writeRows } from "../data/write-rows.ts";
import { DataError } from "../errors.ts";
import { rubricFormat } from "./formats/all-formats.ts";
import { readRubricItems } from "./read-rubric-items.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "armature-rubrics-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe("readRubricItems", () => {
  it("reads rubrics in TOML, YAML, Markdown, text and parquet", async () => {
    const toml = '[[criteria]]\nname = "a"\ntext = "Is short"\nweight = 2.0\n';
    const yaml = "prompt: P\nrubric:\n  - weight: 2\n    requirement: Is short\n";
    const parquet = join(folder, "p.parquet");
    await writeRows(parquet, [
      {
        prompt_id: "p",
        prompt: [{ role: "user", content: "P" }],
        rubrics: [{ criterion: "Is short", points: 2 }],
      },
    ]);
    for (const [path, format, weight] of [
      [file("r.toml", toml), "verifiers", 2],
      [file("r.yaml", yaml), "autorubric", 2],
      [file("r.md", "# Mine\n\n## one\n\n- [2] Is short\n"), "markdown", 2],
      [file("r.txt", "1. Is short [Hard Rule]\n"), "arm-text", 1],
      [file("l.txt", "Is short\n"), "lines", 1],
      [parquet, "healthbench", 2],
    ] as const) {
      const { items, report } = await readRubricItems(path);
      expect(report).toMatchObject({ format, items: 1, criteria: 1, weight: { positive: weight } });
      expect(items[0]!.rubric.criteria[0]).toMatchObject({ text: "Is short", weight });
    }
  });

  it("takes rows that are criteria as one rubric", async () => {
    const path = file("c.json", '[{"weight": 2, "requirement": "a"}, {"weight": -1, "requirement": "b"}]');
    const { items, report } = await readRubricItems(path);
    expect(report).toMatchObject({
      format: "autorubric",
      because: "rows are criteria; rubric of requirements",
    });
    expect(items[0]!.rubric.criteria.map(({ polarity }) => polarity)).toEqual(["good", "bad"]);
    expect((await readRubricItems(path, { format: "autorubric" })).items).toEqual(items);
  });

  it("says what was mapped, kept and skipped", async () => {
    const good = { query: "Q", rubric: [{ point: "a", importance: 2, why: "w" }], source: "s" };
    const rows = [good, { ...good, rubric: [{ point: "" }] }, good];
    const path = file("f.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
    await expect(readRubricItems(path, { format: "fields" })).rejects.toThrow(
      /f\.jsonl:2: rubric\[0\]\.point is empty; remove the row$/,
    );
    const { report } = await readRubricItems(path, { format: "fields", badRows: "skip" });
    expect(report).toMatchObject({
      rows: 3,
      items: 2,
      mapped: [
        ["query", "prompt"],
        ["rubric[].point", "criterion.text"],
        ["rubric[].importance", "criterion.weight"],
      ],
      kept: { item: { source: 2 }, criterion: { why: 2 }, response: {} },
      repeatedIds: 1,
      skipped: { "empty-text": 1 },
    });
  });

  it("refuses what it cannot tell, with the candidates", async () => {
    const health = {
      prompt_id: "p",
      prompt: [{ role: "user", content: "P" }],
      rubrics: [{ criterion: "a", points: 1 }],
    };
    const oumi = { prompt: "P", rubrics: [{ name: "n", description: "d" }] };
    const path = file("m.jsonl", [health, oumi].map((row) => JSON.stringify(row)).join("\n"));
    await expect(readRubricItems(path)).rejects.toThrow(
      /rows fit the formats healthbench and oumi; choose one with --format$/,
    );
    const plain = file("p.jsonl", '{"prompt":"P","chosen":"a"}');
    const error: unknown = await readRubricItems(plain).catch((thrown) => thrown);
    expect(DataError.isInstance(error)).toBe(true);
    expect((error as Error).message).toMatch(
      /rows with the fields prompt, chosen have no known rubric format; /,
    );
    await expect(readRubricItems(file("t.csv", "a,b\n1,2\n"))).rejects.toThrow(/t\.csv:1: is not JSON /);
    await expect(readRubricItems(plain, { format: "healthbensh" })).rejects.toThrow(
      /did you mean healthbench\?$/,
    );
  });
});

/** Counts are those of each folder's SOURCES.md. */
const REAL: readonly (readonly [string, string, number, number])[] = [
  ["healthbench/healthbench_rubrics.jsonl.gz", "healthbench", 2128, 20_787],
  ["infobench/infobench.jsonl.gz", "infobench", 500, 2250],
  ["biggen-bench/biggen.jsonl.gz", "biggen-bench", 765, 765],
  ["biggen-bench/prometheus_vicuna_eval.jsonl.gz", "prometheus-prompt", 320, 320],
  ["writingbench/queries.jsonl.gz", "writingbench", 632, 3160],
  ["researchqa/valid.jsonl.gz", "researchqa", 703, 5230],
  ["deep-research-rubrics/deepresearchbench_criteria.jsonl.gz", "deepresearch-bench", 100, 2517],
  ["deep-research-rubrics/researcherbench_rubric.jsonl.gz", "researcherbench", 65, 931],
  ["deep-research-rubrics/scholarqa_cs.jsonl.gz", "scholarqa-cs", 110, 484],
  ["deep-research-rubrics/scholarqa_prometheus_rubrics.json", "prometheus", 3, 3],
  ["hellobench/checklist_chat.json", "checklist-map", 15, 90],
  ["hh-rlhf/hhh_alignment.jsonl.gz", "prometheus-pair", 221, 221],
  ["creative-writing/cwr_modules.jsonl.gz", "hbq-module", 277, 2139],
  ["ifeval-ifbench/ifeval.jsonl.gz", "ifeval", 541, 834],
  ["ifeval-ifbench/multichallenge.jsonl.gz", "multichallenge", 273, 273],
];

describe("published sets", () => {
  it.for(REAL)(
    "%s is read as %s and written as it was",
    async ([name, format, rubrics, criteria], { skip }) => {
      const path = fileURLToPath(new URL(`../../../../../shared/data/${name}`, import.meta.url));
      skip(!existsSync(path), `../shared/data/${name} is absent`);
      const { items, report } = await readRubricItems(path);
      expect(report).toMatchObject({ format, items: rubrics, criteria, skipped: {} });
      expect(items).toHaveLength(rubrics);
      let differing = 0;
      for await (const line of readRowLines(path)) {
        if (!line.ok) throw new Error(line.fault);
        const [written] = rubricFormat(format).write(rubricFormat(format).read(line.value));
        // Not by `toEqual`: what differs would be printed, and these sets are not to be shown.
        if (!sameJson(written, line.value)) differing++;
      }
      expect(differing).toBe(0);
    },
  );
});

function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a, b].map((value) => Object.entries(value).filter(([, item]) => item !== undefined));
  const other = new Map(right);
  return (
    left!.length === right!.length &&
    left!.every(([name, item]) => other.has(name) && sameJson(item, other.get(name)))
  );
}
