import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { BenchScorer, PairScorer, ResponseScore } from "../../bench/bench-scorer.ts";
import { type JournalEntry, journaledScorer } from "../../bench/journaled-scorer.ts";
import { languagePairScorer } from "../../bench/rubric-pair-scorer.ts";
import { rubricScorer } from "../../bench/rubric-scorer.ts";
import type { PreferencePair } from "../../data/prompt.ts";
import { ConfigError, DataError } from "../../errors.ts";
import type { Dialect } from "../../judge/dialect.ts";
import type { PairOutcome } from "../../judge/outcome.ts";
import { ordersOf } from "../../judge/pair-questions.ts";
import { judgePairs } from "../../judge/pairwise-judge.ts";
import type { LanguageModel } from "../../llm/language-model.ts";
import { rubricRewardModel } from "../../reward/reward-model.ts";
import { RowJournal } from "../../run/row-journal.ts";
import { readRun } from "../../run/run-directory.ts";
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
  const model = rubricRewardModel({ judge, aggregation: name, aggregate, ratingReward });
  return rubricScorer(model, rubricOf, aggregate);
}

/**
 * The models of a run or a recipe as scorer: generator and judge of Rubric-ARM, or a Bradley–Terry model. With a folder, what
 * they said is logged there batch by batch, so that a job that was stopped goes on.
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
  const { run } = options;
  const scalar = run !== undefined && methodOf(run, cwd) === "bradley-terry";
  if (scalar && (options.votes > 1 || options.order !== "both"))
    throw new ConfigError(`--votes and --order are for judges of pairs; ${run} scores single responses`);
  const opened = scalar
    ? await scalarScorer(resolve(cwd, run), run, operations)
    : await armScorer(options, cwd, operations);
  if (folder === null) return opened;
  const path = join(folder, "judged.jsonl");
  if (options.fresh) rmSync(path, { force: true });
  const { order, votes, temperature = null, seed } = options;
  try {
    const journal = RowJournal.open<JournalEntry>(path, {
      models: opened.models,
      order,
      votes,
      temperature,
      seed,
    });
    return {
      ...opened,
      scorer: journaledScorer(opened.scorer, journal, signal),
      async close(finished) {
        if (finished) journal.remove();
        else journal.close();
        await opened.close(finished);
      },
    };
  } catch (error) {
    await opened.close(false);
    throw error;
  }
}

function methodOf(run: string, cwd: string): unknown {
  return (readRun(resolve(cwd, run), run).config.recipe as { readonly method?: unknown }).method;
}

type TrainedScorer = OpenedScorer & { /** What a log of its verdicts belongs to. */ readonly models: string };

async function armScorer(
  options: ScorerOptions,
  cwd: string,
  operations: Operations,
): Promise<TrainedScorer> {
  const source = modelSource(options, cwd);
  const models = await (await operations.openModels())(source);
  return {
    scorer: generatorAndJudge(options, models),
    models: `${options.run ?? options.recipe} ${source.generator} ${source.judge}`,
    close: () => models.close(),
  };
}

/** Scores are logits of a Bradley–Terry model, so their difference is a probability through the logistic function. */
async function scalarScorer(path: string, name: string, operations: Operations): Promise<TrainedScorer> {
  const reward = await (await operations.openScalarReward())(path);
  const toScore = (value: number | null): ResponseScore =>
    value === null
      ? {
          value,
          failure: {
            kind: "context",
            detail: "is too long for the model, or has words that it does not know",
          },
        }
      : { value };
  return {
    models: reward.id,
    scorer: {
      id: name,
      score: async (prompt, response) => toScore((await reward.score(prompt, response)).value),
      scoreMany: async (tasks) => (await reward.scores(tasks)).map(toScore),
      winProbability: (difference) => 1 / (1 + Math.exp(-difference)),
    },
    close: () => reward.close(),
  };
}

/** A generator that writes a rubric for each prompt and a judge of pairs that reads it (Rubric-ARM, inference). */
function generatorAndJudge(
  { run, recipe, votes, seed, order: orders, temperature = votes > 1 ? 1 : 0 }: ScorerOptions,
  { generator, judge, dialect, contextLength }: OpenModels,
): PairScorer {
  return {
    id: run ?? recipe!,
    async judge(pairs, onProgress) {
      const faults = pairs.map((pair) => promptFault(dialect, pair));
      const places = pairs.flatMap((_, i) => (faults[i] === null ? [i] : []));
      const judged =
        places.length === 0
          ? []
          : await judgePairs({
              ...{ judge, generator, dialect, contextLength, orders, votes, temperature, seed },
              pairs: places.map((i) => pairs[i]!),
              ...(onProgress !== undefined && { onProgress }),
            });
      return [
        ...judged.map((outcome) => ({ ...outcome, pairIndex: places[outcome.pairIndex]! })),
        ...pairs.flatMap((pair, pairIndex) => {
          const detail = faults[pairIndex]!;
          return detail === null
            ? []
            : ordersOf({ orders, seed }, pair).map((order): PairOutcome => {
                const place = { pairIndex, pairId: pair.id, order, rubric: "", rubricFault: null, votes: [] };
                return { ...place, verdict: { status: "failed", kind: "context", detail } };
              });
        }),
      ];
    },
  };
}

/** Why a judge cannot be shown a pair: the sandbox's models know its words only. */
function promptFault(dialect: Dialect, { prompt, chosen, rejected }: PreferencePair): string | null {
  try {
    dialect.judgePrompt(prompt, chosen, rejected, "");
    return null;
  } catch (error) {
    if (DataError.isInstance(error)) return error.message;
    throw error;
  }
}
