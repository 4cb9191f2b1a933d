import type { FailureKind } from "../failure.ts";
import type { Usage } from "./language-model.ts";

/** What was asked for one purpose, and what it took. */
export interface PurposeUsage {
  /** Questions that were answered. */
  readonly answered: number;
  /** Those of them that came out of the cache. */
  readonly fromCache: number;
  /** Questions without an answer after all tries, by reason. */
  readonly failed: Readonly<Partial<Record<FailureKind, number>>>;
  readonly usage: Usage;
}

/** Usage of a session as a whole and by `CallOptions.purpose` ("other" where none was given). */
export interface UsageReport {
  readonly total: PurposeUsage;
  readonly byPurpose: Readonly<Record<string, PurposeUsage>>;
}

/** The report in one line: `1200 answers (40 from the cache), 3 failed (2 timeout, 1 budget); 1.2 M + 40 k tokens, $0.53`. */
export function usageLine({ total }: UsageReport): string {
  const { answered, fromCache, failed, usage } = total;
  const failures = Object.entries(failed).filter(([, count]) => count > 0);
  const lost = failures.reduce((sum, [, count]) => sum + count, 0);
  return [
    `${answered} answers`,
    fromCache > 0 ? ` (${fromCache} from the cache)` : "",
    lost > 0 ? `, ${lost} failed (${failures.map(([kind, count]) => `${count} ${kind}`).join(", ")})` : "",
    `; ${shortCount(usage.promptTokens)} + ${shortCount(usage.completionTokens)} tokens`,
    usage.costUsd === null ? ", cost unknown" : `, $${dollars(usage.costUsd)}`,
  ].join("");
}

function shortCount(count: number): string {
  if (count >= 1e6) return `${Number((count / 1e6).toPrecision(3))} M`;
  if (count >= 1e4) return `${Number((count / 1e3).toPrecision(3))} k`;
  return String(count);
}

/** Two digits, and more below a cent so that a small cost does not read as none. */
function dollars(cost: number): string {
  return cost === 0 || cost >= 0.01 ? cost.toFixed(2) : String(Number(cost.toPrecision(2)));
}
