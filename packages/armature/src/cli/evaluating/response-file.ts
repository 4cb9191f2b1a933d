import type { ResponseRow } from "../../policy-bench/answer-source.ts";
import { readInputRows } from "../generation/input-rows.ts";

const FIELDS = ["response", "output", "answer", "completion"];

/**
 * Rows of prompt and response (or a list of `responses`) as any tool writes them; `field` names another one for the response.
 * Throws `DataError` naming file, line and field.
 */
export async function responseFile(file: string, field?: string): Promise<readonly ResponseRow[]> {
  const { rows } = await readInputRows(file, {
    badRows: "strict",
    responseFields: field === undefined ? FIELDS : [field],
  });
  return rows.map(({ id, prompt, responses }) => ({ id, prompt, responses }));
}
