import type { PreferencePair } from "../data/prompt.ts";
import { ConfigError } from "../errors.ts";
import type { Dialect } from "../judge/dialect.ts";

/** A rubric of middle length stands in for the one that the generator will write. */
const RUBRIC_ROOM = 96;
/** Responses are cut to this share of their characters at a time until the judge's prompt fits. */
const CUT = 0.85;
const CUT_MARK = " […]";

/**
 * Keeps the judge's prompts within `maxPromptTokens`, counted in the model's own tokens with room for a rubric. A pair that
 * is too long is dropped, or has its longer response cut at the end (`truncate`), or stops the run (`refuse`).
 */
export function fitPairs(
  pairs: readonly PreferencePair[],
  rule: { readonly maxPromptTokens: number; readonly overlong: "drop" | "truncate" | "refuse" },
  dialect: Dialect,
): { readonly pairs: readonly PreferencePair[]; readonly note: string } {
  const lengthOf = (pair: PreferencePair) =>
    dialect.judgePrompt(pair.prompt, pair.chosen, pair.rejected, "").length + RUBRIC_ROOM;
  let dropped = 0;
  let cut = 0;
  const kept = pairs.flatMap((pair) => {
    const length = lengthOf(pair);
    if (length <= rule.maxPromptTokens) return [pair];
    if (rule.overlong === "refuse") {
      const place = pair.source ? `${pair.source.file}:${pair.source.line}` : `pair ${pair.id}`;
      throw new ConfigError(
        `${place}: the judge's prompt takes ${length} tokens of ${rule.maxPromptTokens}; raise data.maxPromptTokens or set data.overlong to drop or truncate`,
      );
    }
    const shorter = rule.overlong === "truncate" ? truncate(pair, rule.maxPromptTokens, lengthOf) : null;
    if (shorter === null) dropped++;
    else cut++;
    return shorter === null ? [] : [shorter];
  });
  return {
    pairs: kept,
    note: `${kept.length} of ${pairs.length} pairs fit into ${rule.maxPromptTokens} judge prompt tokens (${dropped} dropped, ${cut} with a response cut)`,
  };
}

/** Cuts the longer response, again and again; null where the prompt alone is too long. */
function truncate(
  pair: PreferencePair,
  limit: number,
  lengthOf: (pair: PreferencePair) => number,
): PreferencePair | null {
  let current = pair;
  while (lengthOf(current) > limit) {
    const side = current.chosen.length >= current.rejected.length ? "chosen" : "rejected";
    const text = current[side].replace(CUT_MARK, "");
    const shorter = text.slice(0, Math.floor(text.length * CUT));
    if (shorter.length < 16) return null;
    current = { ...current, [side]: shorter + CUT_MARK };
  }
  return current;
}
