import { pairId } from "../data/content-id.ts";
import type { PreferencePair } from "../data/prompt.ts";
import { pairScores } from "../evaluation/pair-accuracy.ts";
import type { PairOutcome, PairVerdict } from "../judge/outcome.ts";
import { mapConcurrently } from "../llm/map-concurrently.ts";
import type { BenchScorer, ResponseScorer } from "./bench-scorer.ts";
import type { BenchItem, JudgedItem } from "./bench-suite.ts";

/** How items are judged. */
export interface JudgeItemsOptions {
  /** Most responses scored at the same time; default 64. */
  readonly concurrency?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Every better response of an item against every worse one, as pairs. */
export function itemPairs({ prompt, chosen, rejected, source }: BenchItem): readonly PreferencePair[] {
  return chosen.flatMap((better) =>
    rejected.map((worse) => ({
      id: pairId(prompt.messages, better, worse),
      prompt,
      chosen: better,
      rejected: worse,
      source,
    })),
  );
}

/**
 * Judges all items. A response that stands in several comparisons of a prompt is scored once. Equal scores tie, which counts as
 * wrong; a comparison without a score on one side was not made.
 */
export async function judgeItems(
  items: readonly BenchItem[],
  scorer: BenchScorer,
  options: JudgeItemsOptions = {},
): Promise<readonly JudgedItem[]> {
  return "score" in scorer
    ? scoredItems(items, scorer, options)
    : pairedItems(items, await scorer.judge(items.flatMap(itemPairs), options.onProgress));
}

async function scoredItems(
  items: readonly BenchItem[],
  scorer: ResponseScorer,
  { concurrency = 64, onProgress }: JudgeItemsOptions,
): Promise<readonly JudgedItem[]> {
  const asked = new Map(
    items.flatMap(({ prompt, chosen, rejected }) =>
      [...chosen, ...rejected].map((response) => [`${prompt.id} ${response}`, { prompt, response }] as const),
    ),
  );
  let done = 0;
  const values = await mapConcurrently(
    asked.values(),
    async ({ prompt, response }) => (await scorer.score(prompt, response)).value,
    { concurrency, onResult: () => onProgress?.(++done, asked.size) },
  );
  const scoreOf = new Map([...asked.keys()].map((key, i) => [key, values[i]!]));
  const scored = items.map(({ prompt, chosen, rejected }) => {
    const scores = (responses: readonly string[]) =>
      responses.map((response) => scoreOf.get(`${prompt.id} ${response}`) ?? null);
    return { chosen: scores(chosen), rejected: scores(rejected) };
  });
  const verdicts = scored.flatMap(({ chosen, rejected }) =>
    chosen.flatMap((better) => rejected.map((worse) => verdictOf(better, worse))),
  );
  const pairs = items.flatMap(itemPairs);
  const outcomes = verdicts.map((verdict, pairIndex) => ({
    pairIndex,
    pairId: pairs[pairIndex]!.id,
    order: "given" as const,
    rubric: "",
    rubricFault: null,
    votes: [],
    verdict,
  }));
  return pairedItems(items, outcomes).map((judged, i) => ({ ...judged, scores: scored[i]! }));
}

function verdictOf(better: number | null, worse: number | null): PairVerdict {
  if (better === null || worse === null)
    return { status: "failed", kind: "infrastructure", detail: "a response has no score" };
  if (better === worse) return { status: "abstained" };
  return { status: "scored", winner: better > worse ? "chosen" : "rejected" };
}

/** Outcomes in the order of the items' pairs, sorted to their items. */
function pairedItems(items: readonly BenchItem[], outcomes: readonly PairOutcome[]): readonly JudgedItem[] {
  const byPair = new Map<number, PairOutcome[]>();
  for (const outcome of outcomes) {
    const group = byPair.get(outcome.pairIndex);
    if (group) group.push(outcome);
    else byPair.set(outcome.pairIndex, [outcome]);
  }
  let next = 0;
  return items.map((item) => ({
    item,
    scores: null,
    comparisons: item.chosen.flatMap((_, chosen) =>
      item.rejected.map((_, rejected) => {
        const own = byPair.get(next++) ?? [];
        const values = pairScores(own).flat();
        const value = values.length === 0 ? null : values.reduce((a, b) => a + b) / values.length;
        return { chosen, rejected, outcomes: own, value };
      }),
    ),
  }));
}
