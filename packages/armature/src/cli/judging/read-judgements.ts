import { readRows } from "../../data/read-rows.ts";
import { RowFault } from "../../data/row-fields.ts";
import { DataError } from "../../errors.ts";
import { type JudgementRow, readJudgementRow } from "../../judge/judgement-row.ts";

/** Rows that an earlier `armature judge` wrote. @throws DataError naming file and line where a row is none of its. */
export async function readJudgements(file: string): Promise<readonly JudgementRow[]> {
  const rows: JudgementRow[] = [];
  for await (const { line, value } of readRows(file)) {
    try {
      rows.push(readJudgementRow(value));
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      throw new DataError(`${file}:${line}: ${error.message}`);
    }
  }
  return rows;
}
