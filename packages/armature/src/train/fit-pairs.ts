import type { PreferencePair } from "../data/prompt.ts";
import { ConfigError } from "../errors.ts";
import type { Dialect } from "../judge/dialect.ts";

/** A rubric of middle length stands in for the one that the generator will write. */
const RUBRIC_ROOM = 96;
/** Responses are cut to this share of their characters at a time until the judge's prompt fits. */
const CUT = 0.85;
const CUT_MARK = " […]";

/** How long a pair may be, and how messages speak of it. */
export interface PairLimit {
  readonly tokens: number;
  /** `truncate` cuts the end of the longer response, `refuse` stops the run. */
  readonly overlong: "drop" | "truncate" | "refuse";
  /** What is measured: "the judge's prompt". */
  readonly what: string;
  /** Recipe key of the limit. */
  readonly key: string;
}

/** The limit of `data.maxPromptTokens` on the judge's prompt. */
export function judgePromptLimit(maxPromptTokens: number, overlong: PairLimit["overlong"]): PairLimit {
  return { tokens: maxPromptTokens, overlong, what: "the judge's prompt", key: "data.maxPromptTokens" };
}

/** Length of the judge's prompt for a pair, counted in the model's own tokens, with room for a rubric. */
export function judgePromptLength(dialect: Dialect): (pair: PreferencePair) => number {
  return ({ prompt, chosen, rejected }) =>
    dialect.judgePrompt(prompt, chosen, rejected, "").length + RUBRIC_ROOM;
}

/** Keeps pairs within a length: those that are too long are dropped, cut, or stop the run. */
export function fitPairs(
  pairs: readonly PreferencePair[],
  { tokens, overlong, what, key }: PairLimit,
  lengthOf: (pair: PreferencePair) => number,
): { readonly pairs: readonly PreferencePair[]; readonly note: string } {
  let dropped = 0;
  let cut = 0;
  const kept = pairs.flatMap((pair) => {
    const length = lengthOf(pair);
    if (length <= tokens) return [pair];
    if (overlong === "refuse") {
      const place = pair.source ? `${pair.source.file}:${pair.source.line}` : `pair ${pair.id}`;
      throw new ConfigError(
        `${place}: ${what} takes ${length} tokens of ${tokens}; raise ${key} or set data.overlong to drop or truncate`,
      );
    }
    const shorter = overlong === "truncate" ? truncate(pair, tokens, lengthOf) : null;
    if (shorter === null) dropped++;
    else cut++;
    return shorter === null ? [] : [shorter];
  });
  return {
    pairs: kept,
    note: `${kept.length} of ${pairs.length} pairs fit, ${what} within ${tokens} tokens (${dropped} dropped, ${cut} with a response cut)`,
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
