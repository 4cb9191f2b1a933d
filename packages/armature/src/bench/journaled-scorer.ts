import type { PreferencePair } from "../data/prompt.ts";
import { judgementKey } from "../judge/judgement-row.ts";
import type { PairOutcome } from "../judge/outcome.ts";
import type { RowJournal } from "../run/row-journal.ts";
import type { BenchScorer, PairScorer, ResponseScore, ResponseScorer, ResponseTask } from "./bench-scorer.ts";

/** What a journal keeps: a response's score, or a pair's outcomes. */
export type JournalEntry = ResponseScore | readonly PairOutcome[];

/** Pairs or responses that are judged and logged together: a kill loses at most so many. */
const LOGGED_AT_ONCE = 64;

/**
 * The scorer with a log of what it said, for models that keep no log of answers: what stands in it is not asked again. Between
 * two batches it stops where `signal` says so, and rejects with its reason.
 */
export function journaledScorer(
  scorer: BenchScorer,
  journal: RowJournal<JournalEntry>,
  signal: AbortSignal,
): BenchScorer {
  return "score" in scorer
    ? journaledResponses(scorer, journal as RowJournal<ResponseScore>, signal)
    : journaledPairs(scorer, journal as RowJournal<readonly PairOutcome[]>, signal);
}

function journaledResponses(
  scorer: ResponseScorer,
  journal: RowJournal<ResponseScore>,
  signal: AbortSignal,
): ResponseScorer {
  const keyOf = ({ prompt, response }: ResponseTask) => judgementKey(prompt.id, response);
  const scoreMany = async (tasks: readonly ResponseTask[]) => {
    const open = tasks.filter((task) => journal.get(keyOf(task)) === undefined);
    for (const batch of batchesOf(open)) {
      signal.throwIfAborted();
      const scores =
        scorer.scoreMany === undefined
          ? await Promise.all(batch.map(({ prompt, response }) => scorer.score(prompt, response)))
          : await scorer.scoreMany(batch);
      for (const [i, task] of batch.entries()) journal.append(keyOf(task), scores[i]!);
    }
    return tasks.map((task) => journal.get(keyOf(task))!);
  };
  return {
    ...scorer,
    scoreMany,
    score: async (prompt, response) => (await scoreMany([{ prompt, response }]))[0]!,
  };
}

function journaledPairs(
  scorer: PairScorer,
  journal: RowJournal<readonly PairOutcome[]>,
  signal: AbortSignal,
): PairScorer {
  return {
    id: scorer.id,
    async judge(pairs, onProgress) {
      const open = [...new Map(pairs.map((pair) => [pair.id, pair])).values()].filter(
        (pair) => journal.get(pair.id) === undefined,
      );
      let done = pairs.length - open.length;
      for (const batch of batchesOf(open)) {
        signal.throwIfAborted();
        await judgeBatch(scorer, journal, batch);
        done += batch.length;
        onProgress?.(done, pairs.length);
      }
      return pairs.flatMap((pair, pairIndex) =>
        journal.get(pair.id)!.map((outcome) => ({ ...outcome, pairIndex })),
      );
    },
  };
}

async function judgeBatch(
  scorer: PairScorer,
  journal: RowJournal<readonly PairOutcome[]>,
  batch: readonly PreferencePair[],
): Promise<void> {
  const outcomes = await scorer.judge(batch);
  for (const [i, pair] of batch.entries())
    journal.append(
      pair.id,
      outcomes.filter(({ pairIndex }) => pairIndex === i),
    );
}

function batchesOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / LOGGED_AT_ONCE) }, (_, i) =>
    items.slice(i * LOGGED_AT_ONCE, (i + 1) * LOGGED_AT_ONCE),
  );
}
