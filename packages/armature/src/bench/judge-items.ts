import { pairId } from "../data/content-id.ts";
import type { PreferencePair, Prompt } from "../data/prompt.ts";
import { pairScores } from "../evaluation/pair-accuracy.ts";
import type { PairOutcome, PairVerdict } from "../judge/outcome.ts";
import { mapConcurrently } from "../llm/map-concurrently.ts";
import type { BenchScorer, ResponseScore, ResponseScorer, ResponseTask } from "./bench-scorer.ts";
import type { BenchItem, JudgedItem } from "./bench-suite.ts";

/** How items are judged. */
export interface JudgeItemsOptions {
  /** Most responses scored at the same time; default 64. */
  readonly concurrency?: number;
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends the judging early; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Responses of one call of `scoreMany`: full batches, and few enough for progress and Ctrl-C. */
const SCORED_AT_ONCE = 64;

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
  options: JudgeItemsOptions,
): Promise<readonly JudgedItem[]> {
  const asked = new Map<string, ResponseTask>(
    items.flatMap(({ prompt, chosen, rejected }) =>
      [...chosen, ...rejected].map((response) => [taskKey(prompt, response), { prompt, response }] as const),
    ),
  );
  const values = await scoresOf([...asked.values()], scorer, options);
  const scoreOf = new Map([...asked.keys()].map((key, i) => [key, values[i]!]));
  const found = items.map(({ prompt, chosen, rejected }) => {
    const scores = (responses: readonly string[]) =>
      responses.map((response) => scoreOf.get(taskKey(prompt, response))!);
    return { chosen: scores(chosen), rejected: scores(rejected) };
  });
  const scored = found.map(({ chosen, rejected }) => ({
    chosen: chosen.map(({ value }) => value),
    rejected: rejected.map(({ value }) => value),
  }));
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
  return pairedItems(items, outcomes).map((judged, i) => {
    const all = [...found[i]!.chosen, ...found[i]!.rejected];
    return {
      ...judged,
      scores: scored[i]!,
      coverages: all.flatMap(({ coverage }) => coverage ?? []),
      unscored: all.flatMap(({ failure }) => failure ?? []),
    };
  });
}

async function scoresOf(
  tasks: readonly ResponseTask[],
  scorer: ResponseScorer,
  { concurrency = 64, onProgress, signal }: JudgeItemsOptions,
): Promise<readonly ResponseScore[]> {
  let done = 0;
  if (scorer.scoreMany === undefined)
    return mapConcurrently(tasks, ({ prompt, response }) => scorer.score(prompt, response), {
      concurrency,
      signal,
      onResult: () => onProgress?.(++done, tasks.length),
    });
  const scores: ResponseScore[] = [];
  for (let first = 0; first < tasks.length; first += SCORED_AT_ONCE) {
    signal?.throwIfAborted();
    scores.push(...(await scorer.scoreMany(tasks.slice(first, first + SCORED_AT_ONCE))));
    onProgress?.(scores.length, tasks.length);
  }
  return scores;
}

const taskKey = (prompt: Prompt, response: string): string => `${prompt.id} ${response}`;

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
