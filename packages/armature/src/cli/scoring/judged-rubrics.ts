import type { BenchScorer, PairScorer } from "../../bench/bench-scorer.ts";
import type { RubricScorer } from "../../bench/rubric-scorer.ts";
import type { PreferencePair } from "../../data/prompt.ts";
import { ConfigError } from "../../errors.ts";
import type { CriterionVerdict } from "../../judge/criterion-verdict.ts";
import type { PairOutcome } from "../../judge/outcome.ts";
import { mapConcurrently } from "../../llm/map-concurrently.ts";
import type { Aggregator } from "../../reward/aggregate.ts";
import { meanCredit } from "../../reward/weighted-mean.ts";
import { withDefaults } from "../../rubric/check-rubric.ts";
import { readRubric } from "../../sandbox/rubric-language.ts";
import type { RubricJudgedPair } from "../../study/rubric-study.ts";
import type { ScoringSession } from "./scoring-session.ts";

/** Pairs with verdicts on every criterion, and how verdicts became scores. */
export interface JudgedRubrics {
  readonly pairs: readonly RubricJudgedPair[];
  readonly aggregate: Aggregator;
  /** As a generator of the sandbox wrote them, with their prompts; empty elsewhere. */
  readonly texts: readonly { readonly pair: PreferencePair; readonly text: string }[];
}

/** @throws ConfigError for a scorer that gives no verdicts on criteria. */
export async function judgedRubrics(
  pairs: readonly PreferencePair[],
  { scorer, judging }: Pick<ScoringSession, "scorer" | "judging">,
): Promise<JudgedRubrics> {
  if ("rubricOf" in scorer) return byResponses(pairs, scorer as RubricScorer, judging);
  if ("judge" in scorer) return byPairs(pairs, scorer, judging.onProgress);
  throw noVerdicts(scorer);
}

async function byResponses(
  pairs: readonly PreferencePair[],
  scorer: RubricScorer,
  { concurrency = 64, signal, onProgress }: ScoringSession["judging"],
): Promise<JudgedRubrics> {
  let done = 0;
  const tasks = pairs.flatMap((pair) => [pair.chosen, pair.rejected].map((response) => ({ pair, response })));
  const scores = await mapConcurrently(tasks, ({ pair, response }) => scorer.score(pair.prompt, response), {
    ...{ concurrency, signal },
    onResult: () => onProgress?.(++done, tasks.length),
  });
  const judged = pairs.flatMap((pair, i): RubricJudgedPair[] => {
    const found = scorer.rubricOf(pair.prompt);
    const [chosen, rejected] = [scores[2 * i]!.judgement, scores[2 * i + 1]!.judgement];
    if (found.status === "failed" || chosen === null || rejected === null) return [];
    if (chosen.rating !== null) throw noVerdicts(scorer);
    const place = { promptId: pair.prompt.id, rubric: found.rubric };
    return [{ ...place, chosen: chosen.verdicts, rejected: rejected.verdicts }];
  });
  return { pairs: judged, aggregate: scorer.aggregate, texts: [] };
}

/** Judges of the sandbox state a verdict on each criterion and side; the order in which the better response is first counts. */
async function byPairs(
  pairs: readonly PreferencePair[],
  scorer: PairScorer,
  onProgress: ScoringSession["judging"]["onProgress"],
): Promise<JudgedRubrics> {
  const outcomes = (await scorer.judge(pairs, onProgress)).filter(({ order }) => order === "given");
  const judged = outcomes.flatMap((outcome) => judgedPair(outcome, pairs[outcome.pairIndex]!));
  if (judged.length === 0) throw noVerdicts(scorer);
  return {
    pairs: judged,
    aggregate: meanCredit,
    texts: outcomes.map(({ pairIndex, rubric }) => ({ pair: pairs[pairIndex]!, text: rubric })),
  };
}

function judgedPair({ rubric, votes }: PairOutcome, pair: PreferencePair): readonly RubricJudgedPair[] {
  const verdicts = votes[0]?.judgement.verdicts;
  const reading = readRubric(rubric);
  if (verdicts === undefined || !reading.ok) return [];
  const { criteria } = reading.rubric;
  if (verdicts.A.length !== criteria.length || verdicts.B.length !== criteria.length) return [];
  return [
    {
      promptId: pair.prompt.id,
      rubric: { criteria: withDefaults(criteria.map(({ text, kind }) => ({ text, kind }))) },
      chosen: verdicts.A.map(asVerdict),
      rejected: verdicts.B.map(asVerdict),
    },
  ];
}

function asVerdict(holds: boolean): CriterionVerdict {
  return { status: "scored", value: Number(holds), reason: null };
}

function noVerdicts({ id }: BenchScorer): ConfigError {
  return new ConfigError(
    `${id} gives no verdicts on criteria; take --model with mode criteria, decision or another that reads them one by one, or a run of the sandbox`,
  );
}
