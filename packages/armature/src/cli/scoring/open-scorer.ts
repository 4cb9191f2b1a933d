import { rmSync } from "node:fs";
import { join } from "node:path";
import type { BenchScorer, PairScorer } from "../../bench/bench-scorer.ts";
import { type JournalEntry, journaledScorer } from "../../bench/journaled-scorer.ts";
import { languagePairScorer } from "../../bench/rubric-pair-scorer.ts";
import { rubricScorer } from "../../bench/rubric-scorer.ts";
import { judgePairs } from "../../judge/pairwise-judge.ts";
import type { LanguageModel } from "../../llm/language-model.ts";
import { rubricRewardModel } from "../../reward/reward-model.ts";
import { RowJournal } from "../../run/row-journal.ts";
import { judgeOf } from "../judging/judge-of.ts";
import { scoringOf } from "../judging/judging-options.ts";
import { modelSource } from "../model-source.ts";
import type { OpenModels, Operations } from "../operations.ts";
import { modeOf, type RubricOf } from "./prompt-rubrics.ts";
import type { ScorerOptions } from "./scorer-options.ts";

/** A scorer and what has to be given back. */
export interface OpenedScorer {
  readonly scorer: BenchScorer;
  /** `finished`: nothing is left to be judged, and logs that only served to go on are removed. */
  close(finished: boolean): Promise<void>;
}

/** A language model as scorer: of responses in the mode asked for, or of pairs. */
export function languageScorer(
  models: readonly LanguageModel[],
  options: ScorerOptions,
  rubricOf: RubricOf,
  { signal, concurrency }: { readonly signal: AbortSignal; readonly concurrency: number },
): BenchScorer {
  const { votes, seed, order: orders, temperature = votes > 1 ? 1 : 0, maxTokens, furtherTries } = options;
  if (options.mode === "pairwise")
    return languagePairScorer({
      ...{ model: models[0]!, rubricOf, orders, votes, temperature, seed, concurrency, signal },
      ...(maxTokens !== undefined && { maxTokens }),
      ...(furtherTries !== undefined && { furtherTries }),
    });
  const mode = modeOf(options);
  const { name, aggregate, ratingReward } = scoringOf(mode, options);
  const judge = judgeOf(mode, models, options);
  return rubricScorer(rubricRewardModel({ judge, aggregation: name, aggregate, ratingReward }), rubricOf);
}

/**
 * The models of a run or a recipe as scorer. With a folder, what they said is logged there pair by pair, so that a job that was
 * stopped goes on.
 */
export async function trainedScorer(
  options: ScorerOptions,
  {
    cwd,
    folder,
    signal,
  }: { readonly cwd: string; readonly folder: string | null; readonly signal: AbortSignal },
  operations: Operations,
): Promise<OpenedScorer> {
  const source = modelSource(options, cwd);
  const models = await (await operations.openModels())(source);
  const scorer = generatorAndJudge(options, models);
  if (folder === null) return { scorer, close: () => models.close() };
  const path = join(folder, "judged.jsonl");
  if (options.fresh) rmSync(path, { force: true });
  const journal = RowJournal.open<JournalEntry>(path, {
    scorer: scorer.id,
    weights: source.judge,
    order: options.order,
    votes: options.votes,
    temperature: options.temperature ?? null,
    seed: options.seed,
  });
  return {
    scorer: journaledScorer(scorer, journal, signal),
    async close(finished) {
      if (finished) journal.remove();
      else journal.close();
      await models.close();
    },
  };
}

/** A generator that writes a rubric for each prompt and a judge of pairs that reads it (Rubric-ARM, inference). */
function generatorAndJudge(
  { run, recipe, votes, seed, order: orders, temperature = votes > 1 ? 1 : 0 }: ScorerOptions,
  { generator, judge, dialect, contextLength }: OpenModels,
): PairScorer {
  return {
    id: run ?? recipe!,
    judge: (pairs, onProgress) =>
      pairs.length === 0
        ? Promise.resolve([])
        : judgePairs({
            ...{ judge, generator, dialect, contextLength, pairs, orders, votes, temperature, seed },
            ...(onProgress !== undefined && { onProgress }),
          }),
  };
}
