import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../../errors.ts";
import { fromJson, fromJsonLines, toJson, toJsonLines } from "../../run/json-lines.ts";
import type { RunDirectory } from "../../run/run-directory.ts";

/** What a round learns from, and what was counted while it was made. */
export interface RoundContent<Row> {
  readonly rows: readonly Row[];
  readonly counts: Readonly<Record<string, number | null>>;
}

/**
 * `<folder>/round-1.jsonl` of a run, with its counts in `round-1.json`: for people to read, and for a resumed run to go on with.
 * The round's weights change with its first step, so its content is made before that and never again.
 */
export class RoundFile<Row extends object> {
  readonly #run: Pick<RunDirectory, "path" | "writeFile">;
  readonly #folder: string;

  constructor(run: Pick<RunDirectory, "path" | "writeFile">, folder: string) {
    this.#run = run;
    this.#folder = folder;
  }

  /**
   * Reads the content of a round (counted from 0), or makes and writes it where its first step is still to come. Throws
   * `RunError` where the file of a round that has begun is gone.
   */
  async content(
    round: number,
    begun: boolean,
    make: () => Promise<RoundContent<Row>>,
  ): Promise<RoundContent<Row>> {
    const [rowsFile, countsFile] = [`round-${round + 1}.jsonl`, `round-${round + 1}.json`].map(
      (name) => `${this.#folder}/${name}`,
    ) as [string, string];
    const [rows, counts] = [rowsFile, countsFile].map((name) => join(this.#run.path, name)) as [
      string,
      string,
    ];
    if (existsSync(rows)) {
      return {
        rows: fromJsonLines<Row>(readFileSync(rows, "utf8"), JSON.parse),
        counts: fromJson(readFileSync(counts, "utf8")) as RoundContent<Row>["counts"],
      };
    }
    if (begun)
      throw new RunError(
        `${rows}: is missing, and the round has begun; restore it, or start over with --fresh`,
      );
    const made = await make();
    mkdirSync(join(this.#run.path, this.#folder), { recursive: true });
    // The rows last: where they are, the counts are too.
    this.#run.writeFile(countsFile, `${toJson(made.counts)}\n`);
    this.#run.writeFile(rowsFile, toJsonLines(made.rows));
    return made;
  }
}
