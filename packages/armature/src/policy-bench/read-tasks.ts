import { csvRows } from "../data/csv-rows.ts";
import { fileBytes, fileError } from "../data/file-bytes.ts";
import type { BadRows } from "../data/preference-pairs.ts";
import type { JsonlLine } from "../data/read-jsonl.ts";
import { readRowLines } from "../data/read-rows.ts";
import { RowFault } from "../data/row-fields.ts";
import { zipEntries } from "../data/zip-entries.ts";
import { DataError } from "../errors.ts";
import type { PolicySuite, PolicyTask } from "./policy-suite.ts";

/** Which tasks of a suite. */
export interface TaskSelection {
  readonly seed: number;
  /** Times that each question is asked, at least 1. */
  readonly runs: number;
  readonly badRows: BadRows;
  /** Only the first questions. */
  readonly limit?: number | undefined;
  /** Only questions of these kinds. */
  readonly subsets?: readonly string[] | undefined;
}

/** Tasks, and `file:line: what` of the rows that were left out. */
export interface PolicyTasks {
  readonly tasks: readonly PolicyTask[];
  readonly skipped: readonly string[];
}

/**
 * Tasks of a suite's files, question by question, its runs together. Throws `DataError` naming file, line and field at the
 * first bad row (`strict`), where two questions have one id, and where nothing is left.
 */
export async function readPolicyTasks(
  suite: PolicySuite,
  files: readonly string[],
  { seed, runs, badRows, limit = Number.POSITIVE_INFINITY, subsets }: TaskSelection,
): Promise<PolicyTasks> {
  const tasks: PolicyTask[] = [];
  const skipped: string[] = [];
  const places = new Map<string, string>();
  const seen = new Set<string>();
  for (const file of files)
    for await (const line of linesOf(file)) {
      try {
        if (!line.ok) throw new RowFault("not-json", "the line", line.fault);
        for (const first of suite.read(line, { run: 0, seed })) {
          seen.add(first.subset);
          if (subsets !== undefined && !subsets.includes(first.subset)) continue;
          if (places.size >= limit) return { tasks, skipped };
          const before = places.get(first.id);
          if (before !== undefined)
            throw new RowFault("wrong-type", "id", `${first.id} stands at ${before} already`);
          places.set(first.id, `${file}:${line.line}`);
          tasks.push(...runsOf(suite, line, first, runs, seed));
        }
      } catch (error) {
        if (!(error instanceof RowFault)) throw error;
        const place = `${line.file}:${line.line}: ${error.message}`;
        if (badRows === "strict") throw new DataError(`${place} (read as ${suite.name})`);
        skipped.push(place);
      }
    }
  if (tasks.length > 0) return { tasks, skipped };
  const why =
    subsets !== undefined && seen.size > 0
      ? `none is of ${subsets.join(", ")}; there are ${[...seen].sort().join(", ")}`
      : (skipped[0] ?? "they are empty");
  throw new DataError(`no question of ${suite.name} in ${files.join(", ")}: ${why}`);
}

function runsOf(
  suite: PolicySuite,
  line: JsonlLine & { ok: true },
  first: PolicyTask,
  runs: number,
  seed: number,
): readonly PolicyTask[] {
  const further = Array.from({ length: runs - 1 }, (_, i) =>
    suite.read(line, { run: i + 1, seed }).filter(({ question }) => question === first.question),
  );
  return [first, ...further.flat()];
}

async function* linesOf(file: string): AsyncGenerator<JsonlLine> {
  const ending = /\.(zip|csv)$/i.exec(file)?.[1]?.toLowerCase();
  if (ending === "zip") yield* mmluLines(file);
  else if (ending === "csv") yield* csvLines(file);
  else yield* readRowLines(file);
}

/** A table with a line of names, as GPQA is published. */
async function* csvLines(file: string): AsyncGenerator<JsonlLine> {
  let text: string;
  try {
    text = (await fileBytes(file)).toString("utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    throw fileError(file, error);
  }
  const [names = [], ...rows] = csvRows(text, ",");
  for (const [i, row] of rows.entries()) {
    const place = { file, line: i + 2 };
    if (row.length === names.length)
      yield { ok: true, ...place, value: Object.fromEntries(names.map((name, k) => [name, row[k]!])) };
    else if (row.length > 1 || row[0] !== "")
      yield { ok: false, ...place, fault: `has ${row.length} columns of the ${names.length} named` };
  }
}

const MMLU_COLUMNS = 6;

/** MMLU's archive: `test/<subject>_test.csv` with question, four options and the letter; dev and val are not asked. */
function* mmluLines(file: string): Generator<JsonlLine> {
  let found = false;
  for (const entry of zipEntries(file)) {
    const subject = /(?:^|\/)test\/(\w+)_test\.csv$/.exec(entry.name)?.[1];
    if (subject === undefined) continue;
    found = true;
    const rows = csvRows(entry.read().toString("utf8"), ",");
    for (const [i, row] of rows.entries()) {
      const place = { file: `${file}:${entry.name}`, line: i + 1 };
      const [question, ...rest] = row;
      if (row.length !== MMLU_COLUMNS)
        yield { ok: false, ...place, fault: `has ${row.length} columns; give question, A, B, C, D, answer` };
      else
        yield {
          ok: true,
          ...place,
          value: { subject, question, choices: rest.slice(0, 4), answer: rest[4] },
        };
    }
  }
  if (!found) throw new DataError(`${file}: holds no test/<subject>_test.csv; give MMLU's own archive`);
}
