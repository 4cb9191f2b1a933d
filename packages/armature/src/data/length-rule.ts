import { ConfigError } from "../errors.ts";
import type { PreferencePair } from "./prompt.ts";

/**
 * What happens to a pair whose texts are too long, lengths being those of `lengthOf` (usually tokens). A prompt above its
 * limit always drops the pair: a cut prompt asks something else. A response above its limit drops the pair (`drop`) or is
 * cut at its end, the mark being appended and counted (`truncate`).
 */
export type LengthRule = {
  readonly maxPromptLength: number;
  readonly maxResponseLength: number;
} & ({ readonly kind: "drop" } | { readonly kind: "truncate"; readonly mark: string });

/** What a length rule did. Every pair that was given is counted in `kept` or in one of the three dropped counts. */
export interface LengthReport {
  readonly rule: LengthRule;
  readonly kept: number;
  readonly droppedForPrompt: number;
  readonly droppedForResponse: number;
  /** Pairs whose responses were equal once cut. */
  readonly droppedAsEqual: number;
  /** Responses, not pairs. */
  readonly truncatedResponses: number;
  /** Over all pairs given; a prompt's length is the sum over its messages. */
  readonly longestPrompt: number;
  readonly longestResponse: number;
}

/**
 * Applies a length rule. A pair keeps its id when a response is cut. Throws `ConfigError` where the limits are no positive
 * integers or a mark alone is too long.
 */
export function applyLengthRule(
  pairs: readonly PreferencePair[],
  rule: LengthRule,
  lengthOf: (text: string) => number,
): { readonly pairs: readonly PreferencePair[]; readonly report: LengthReport } {
  checkRule(rule, lengthOf);
  const count = { droppedForPrompt: 0, droppedForResponse: 0, droppedAsEqual: 0, truncatedResponses: 0 };
  let longestPrompt = 0;
  let longestResponse = 0;
  const kept = pairs.flatMap((pair) => {
    const prompt = pair.prompt.messages.reduce((sum, message) => sum + lengthOf(message.content), 0);
    const tooLong = [pair.chosen, pair.rejected].map((response) => {
      const length = lengthOf(response);
      longestResponse = Math.max(longestResponse, length);
      return length > rule.maxResponseLength;
    });
    longestPrompt = Math.max(longestPrompt, prompt);
    if (prompt > rule.maxPromptLength) return drop("droppedForPrompt");
    if (!tooLong.includes(true)) return [pair];
    if (rule.kind === "drop") return drop("droppedForResponse");
    const cut = (response: string, long: boolean) => (long ? truncate(response, rule, lengthOf) : response);
    const chosen = cut(pair.chosen, tooLong[0]!);
    const rejected = cut(pair.rejected, tooLong[1]!);
    if (chosen === rejected) return drop("droppedAsEqual");
    count.truncatedResponses += tooLong.filter(Boolean).length;
    return [{ ...pair, chosen, rejected }];
  });
  return { pairs: kept, report: { rule, kept: kept.length, ...count, longestPrompt, longestResponse } };

  function drop(reason: keyof typeof count): PreferencePair[] {
    count[reason]++;
    return [];
  }
}

function checkRule(rule: LengthRule, lengthOf: (text: string) => number): void {
  for (const field of ["maxPromptLength", "maxResponseLength"] as const) {
    if (!Number.isInteger(rule[field]) || rule[field] < 1)
      throw new ConfigError(`${field} is ${rule[field]}; give a whole number of at least 1`);
  }
  if (rule.kind === "truncate" && lengthOf(rule.mark) >= rule.maxResponseLength)
    throw new ConfigError(
      `the mark ${JSON.stringify(rule.mark)} fills maxResponseLength ${rule.maxResponseLength}; shorten it or raise the limit`,
    );
}

/** Longest start of the text that fits together with the mark, by bisection over whole characters. */
function truncate(
  text: string,
  rule: LengthRule & { readonly kind: "truncate" },
  lengthOf: (text: string) => number,
): string {
  const characters = Array.from(text);
  const start = (length: number) => `${characters.slice(0, length).join("").trimEnd()}${rule.mark}`;
  let fits = 0;
  let tooLong = characters.length;
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    // A token may join the cut's last characters with the mark, so the whole is measured, not the sum of the parts.
    if (lengthOf(start(middle)) <= rule.maxResponseLength) fits = middle;
    else tooLong = middle;
  }
  return start(fits);
}
