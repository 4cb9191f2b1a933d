import type { FailureKind } from "../failure.ts";
import type { JudgedItem } from "./bench-suite.ts";

/** How often something failed in one way, and what the first failure said. */
export interface FailureCount {
  readonly count: number;
  readonly first: string;
}

/** Failures of verdicts, or of scores where the scorer gives scores, by kind. */
export function countFailures(
  judged: readonly JudgedItem[],
): Readonly<Partial<Record<FailureKind, FailureCount>>> {
  const counts: Partial<Record<FailureKind, FailureCount>> = {};
  for (const { scores, unscored = [], comparisons } of judged) {
    const failures =
      scores !== null
        ? unscored
        : comparisons.flatMap(({ outcomes }) =>
            outcomes.flatMap(({ verdict }) => (verdict.status === "failed" ? [verdict] : [])),
          );
    for (const { kind, detail } of failures) {
      const { count, first } = counts[kind] ?? { count: 0, first: detail };
      counts[kind] = { count: count + 1, first };
    }
  }
  return counts;
}
