import type { RubricResponse } from "../rubric/rubric-item.ts";

/** Responses in a strict order, or why they have none, as what is said of `responses`. */
export type Ranking =
  | {
      readonly ok: true;
      /** Best first. */
      readonly ranked: readonly RubricResponse[];
      /** Responses left out because they stand level with an earlier one or repeat its text. */
      readonly level: number;
    }
  | { readonly ok: false; readonly fault: string };

/**
 * Orders responses by what stands beside them: `rank` (1 is best) or `score` (highest is best) in `extra`, in all of them; or
 * takes the list as it is where `asListed`. Contrastive generation needs a strict order, so of responses that are level only
 * the first counts.
 */
export function rankResponses(responses: readonly RubricResponse[], asListed = false): Ranking {
  const places = asListed ? responses.map((_, i) => i) : (valuesOf(responses, "rank") ?? negated(responses));
  if (places === null)
    return {
      ok: false,
      fault: "have no rank and no score; give one, or --ranked for a list that is best first",
    };
  const sorted = responses
    .map((response, i) => ({ response, place: places[i]! }))
    .toSorted((a, b) => a.place - b.place);
  const texts = new Set<string>();
  const strict = sorted.filter(({ response, place }, i) => {
    if (place === sorted[i - 1]?.place || texts.has(response.text)) return false;
    texts.add(response.text);
    return true;
  });
  if (strict.length < 2)
    return { ok: false, fault: `have ${strict.length} that differ in rank and text; at least 2 are needed` };
  return {
    ok: true,
    ranked: strict.map(({ response }) => response),
    level: responses.length - strict.length,
  };
}

function negated(responses: readonly RubricResponse[]): readonly number[] | null {
  return valuesOf(responses, "score")?.map((score) => -score) ?? null;
}

function valuesOf(responses: readonly RubricResponse[], field: string): readonly number[] | null {
  const values = responses.map(({ extra }) => extra?.[field]);
  const numbers = values.filter((value) => typeof value === "number" && Number.isFinite(value)) as number[];
  return numbers.length === responses.length ? numbers : null;
}
