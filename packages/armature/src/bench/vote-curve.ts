import type { BootstrapSettings } from "../evaluation/bootstrap.ts";
import { pairScores } from "../evaluation/pair-accuracy.ts";
import { majorityVerdict } from "../judge/outcome.ts";
import type { BenchSuite, JudgedItem } from "./bench-suite.ts";
import { gradePairs } from "./grading.ts";
import { type PromptDraws, suiteIntervals } from "./suite-intervals.ts";

/** The suite's average when the first `k` votes of every judgement decide. */
export interface VotePoint {
  readonly k: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** vote@k for every odd number of the votes that were taken (Rubric-ARM, table 1: vote@5); null with one vote. */
export function voteCurve(
  suite: BenchSuite,
  judged: readonly JudgedItem[],
  draws: PromptDraws,
  settings: BootstrapSettings,
): readonly VotePoint[] | null {
  const most = judged.reduce(
    (max, { comparisons }) =>
      comparisons.reduce(
        (own, { outcomes }) => outcomes.reduce((n, { votes }) => Math.max(n, votes.length), own),
        max,
      ),
    0,
  );
  if (most < 2) return null;
  const counts = Array.from({ length: Math.ceil(most / 2) }, (_, i) => 2 * i + 1);
  return counts.flatMap((k) => {
    const items = judged.map((item) => withVotes(item, k));
    const { average } = suiteIntervals(suite.average, (suite.grade ?? gradePairs)(items), draws, settings);
    return average === null ? [] : [{ k, ...average }];
  });
}

function withVotes(item: JudgedItem, k: number): JudgedItem {
  return {
    ...item,
    comparisons: item.comparisons.map((comparison) => {
      const outcomes = comparison.outcomes.map((outcome) => {
        const votes = outcome.votes.slice(0, k);
        // Without votes the judgement was never made, and its verdict says why.
        return votes.length === 0
          ? outcome
          : { ...outcome, votes, verdict: majorityVerdict(votes, outcome.order) };
      });
      const values = pairScores(outcomes).flat();
      const value = values.length === 0 ? null : values.reduce((a, b) => a + b) / values.length;
      return { ...comparison, outcomes, value };
    }),
  };
}
