import type { Message } from "../data/prompt.ts";
import { readRows } from "../data/read-rows.ts";
import type { Row } from "../data/row-fields.ts";
import { DataError } from "../errors.ts";

/** Responses of the reference policy to one prompt with two scores each; a higher score is better. */
export interface ScoredResponses {
  readonly prompt: string;
  /** What a policy would be trained on. */
  readonly proxy: readonly number[];
  /** What counts. */
  readonly gold: readonly number[];
}

/** Prompts with at least two responses that have both scores, and what was left out. */
export interface ScoredFile {
  readonly prompts: readonly ScoredResponses[];
  /** Responses without one of the scores (null): a failed score is no zero. */
  readonly unscored: number;
  /** Prompts with fewer than two scored responses. */
  readonly tooFew: number;
}

/**
 * Reads rows of `prompt`, `proxy` and `gold` from any table of `readRows`: one row a response (numbers, or null where scoring
 * failed) or one row a prompt (equally long lists). Rows of an equal prompt belong together.
 * @throws DataError naming file, line and field at the first row that is neither.
 */
export async function readScoredResponses(file: string): Promise<ScoredFile> {
  const byPrompt = new Map<string, { proxy: number[]; gold: number[] }>();
  let unscored = 0;
  for await (const { value: row, line } of readRows(file)) {
    const place = `${file}:${line}`;
    const prompt = promptKey(row, place);
    const group = byPrompt.get(prompt) ?? { proxy: [], gold: [] };
    byPrompt.set(prompt, group);
    const proxy = scores(row["proxy"], `${place}: proxy`);
    const gold = scores(row["gold"], `${place}: gold`);
    if (proxy.length !== gold.length)
      throw new DataError(
        `${place}: proxy has ${proxy.length} scores and gold ${gold.length}; give one of each a response`,
      );
    for (const [i, score] of proxy.entries()) {
      const other = gold[i]!;
      if (score === null || other === null) unscored++;
      else {
        group.proxy.push(score);
        group.gold.push(other);
      }
    }
  }
  const all = [...byPrompt].map(([prompt, scored]) => ({ prompt, ...scored }));
  const prompts = all.filter(({ proxy }) => proxy.length >= 2);
  if (prompts.length === 0)
    throw new DataError(
      `${file}: no prompt has two responses with both scores; give rows of prompt, proxy and gold`,
    );
  return { prompts, unscored, tooFew: all.length - prompts.length };
}

function promptKey(row: Row, place: string): string {
  const prompt = row["prompt"] as string | number | readonly Message[] | null | undefined;
  if (prompt === undefined || prompt === null)
    throw new DataError(`${place}: prompt is missing; name the prompt that the response answers`);
  return typeof prompt === "string" ? prompt : JSON.stringify(prompt);
}

function scores(value: unknown, place: string): readonly (number | null)[] {
  return (Array.isArray(value) ? value : [value]).map((score: unknown) => {
    if (score === null || (typeof score === "number" && Number.isFinite(score))) return score;
    const found = score === undefined ? "missing" : JSON.stringify(score);
    throw new DataError(`${place} is ${found}; give a number, or null where scoring failed`);
  });
}
