import type { Prompt } from "../data/prompt.ts";
import { ConfigError } from "../errors.ts";
import type { FailureKind } from "../failure.ts";
import type { RubricJudge, RubricJudgement } from "../judge/rubric-judge.ts";
import { addUsage, type CallOptions, NO_USAGE, type Usage } from "../llm/language-model.ts";
import { mapConcurrently } from "../llm/map-concurrently.ts";
import type { Aggregator } from "../reward/aggregate.ts";
import type { Rubric } from "../rubric/rubric.ts";
import type { RubricWriter, RubricWriting } from "./rubric-writer.ts";

/** Refinement through differentiation: who scores, who proposes, and how often. */
export interface DifferentiationSettings {
  /** Writes the new rubric from the old one and two responses, as `improvingWriter` does. */
  readonly proposer: RubricWriter;
  readonly verifier: RubricJudge;
  /** Orders the candidates; the paper's code takes the raw sum of the weights that were met. */
  readonly score: Aggregator;
  /** Share of the weight that was met, stored beside `score`. */
  readonly normalisedScore: Aggregator;
  /** Rounds of score, top two, improve; 0 leaves the rubric as it is. */
  readonly rounds: number;
  /** Takes a round's two responses out of the later rounds (the released code since 2026; the paper does not say). */
  readonly excludeUsed: boolean;
  /** Most candidates that are scored at once; default 8. */
  readonly concurrency?: number;
}

/** A prompt with a first rubric and at least two responses to tell apart. */
export interface DifferentiationTask {
  readonly prompt: Prompt;
  readonly rubric: Rubric;
  readonly candidates: readonly string[];
}

/** A candidate as the rubric of its round scored it; null where the verifier gave too little to score it. */
export interface CandidateScore {
  /** Place in the task's `candidates`. */
  readonly candidate: number;
  readonly score: number | null;
  /** 0 to 1. */
  readonly normalised: number | null;
  readonly coverage: number;
}

/** Why a round left the rubric as it was, or stopped the loop. */
export interface RoundFailure {
  readonly step: "score" | "improve";
  readonly kind: FailureKind;
  readonly detail: string;
}

/** One round. A round that failed kept the rubric. */
export interface DifferentiationRound {
  /** From 1. */
  readonly round: number;
  /** Null where the two candidates left were the only ones, so that nothing had to be chosen. */
  readonly scores: readonly CandidateScore[] | null;
  /** The two best, best first; null where fewer than two could be scored. */
  readonly pair: readonly [number, number] | null;
  readonly outcome: "improved" | "kept";
  readonly failures: readonly RoundFailure[];
  /** Faults and repairs of the proposer's replies, as in `WritingTrace`. */
  readonly faults: readonly string[];
  readonly repairs: readonly string[];
  /** The rubric after the round. */
  readonly rubric: Rubric;
}

/** A refined rubric and how it came about. */
export interface Differentiated {
  readonly rubric: Rubric;
  readonly rounds: readonly DifferentiationRound[];
  /** Why there were no more rounds. */
  readonly stopped: "rounds" | "candidates-used-up";
  readonly usage: Usage;
}

/**
 * Refines a rubric (Chasing the Tail, algorithm 1): scores all candidates with the current rubric, takes the two best (ties
 * keep the candidates' order), and replaces the rubric as a whole by one that tells these two apart. A refinement that
 * fails keeps the old rubric, and the loop goes on. Candidates without a score are never chosen.
 */
export async function differentiate(
  { prompt, rubric: initial, candidates }: DifferentiationTask,
  settings: DifferentiationSettings,
  options: CallOptions = {},
): Promise<Differentiated> {
  const { rounds: most, excludeUsed, proposer } = settings;
  if (!Number.isInteger(most) || most < 0)
    throw new ConfigError(`rounds is ${most}; give a whole number of at least 0`);
  const rounds: DifferentiationRound[] = [];
  let rubric = initial;
  let usage = NO_USAGE;
  let pool = candidates.map((_, i) => i);
  // Scores of the rubric and the pool as they are; a round that changed neither needs no second scoring.
  let known: Scored | null = null;
  for (let round = 1; round <= most; round++) {
    if (pool.length < 2) return { rubric, rounds, stopped: "candidates-used-up", usage };
    let scored: Scored | null = known;
    if (scored === null && pool.length > 2) {
      scored = await scoreAll({ prompt, rubric, candidates }, pool, settings, options);
      usage = addUsage(usage, scored.usage);
    }
    known = scored?.failures.length === 0 ? scored : null;
    const pair = scored === null ? ([pool[0]!, pool[1]!] as const) : topTwo(scored.scores);
    const place = { round, scores: scored?.scores ?? null, pair };
    const scoreFailures = scored?.failures ?? [];
    if (pair === null) {
      rounds.push({ ...place, outcome: "kept", failures: scoreFailures, faults: [], repairs: [], rubric });
      continue;
    }
    const writing = await proposer.write(
      { prompt, rubric, ranked: pair.map((i) => candidates[i]!) },
      { ...options, purpose: "improve" },
    );
    usage = addUsage(usage, writing.usage);
    if (writing.status === "written") rubric = writing.rubric;
    if (writing.status === "written" || excludeUsed) known = null;
    rounds.push({
      ...place,
      outcome: writing.status === "written" ? "improved" : "kept",
      failures: [...scoreFailures, ...improveFailures(writing)],
      faults: writing.faults,
      repairs: writing.repairs,
      rubric,
    });
    if (excludeUsed) pool = pool.filter((i) => !pair.includes(i));
  }
  return { rubric, rounds, stopped: "rounds", usage };
}

function improveFailures(writing: RubricWriting): RoundFailure[] {
  if (writing.status === "written") return [];
  return [{ step: "improve", kind: writing.kind, detail: writing.detail }];
}

interface Scored {
  readonly scores: readonly CandidateScore[];
  readonly failures: readonly RoundFailure[];
  readonly usage: Usage;
}

async function scoreAll(
  { prompt, rubric, candidates }: DifferentiationTask,
  pool: readonly number[],
  { verifier, score, normalisedScore, concurrency = 8 }: DifferentiationSettings,
  options: CallOptions,
): Promise<Scored> {
  const judgements = await mapConcurrently(
    pool,
    (i, _, signal) =>
      verifier.judge({ prompt, response: candidates[i]!, rubric }, { ...options, purpose: "verify", signal }),
    { concurrency, signal: options.signal },
  );
  const scores = judgements.map(({ verdicts }, place): CandidateScore => {
    const raw = score(rubric, verdicts);
    return {
      candidate: pool[place]!,
      score: raw.score,
      normalised: normalisedScore(rubric, verdicts).score,
      coverage: raw.coverage,
    };
  });
  return {
    scores,
    failures: judgements.flatMap(firstFailure),
    usage: judgements.map((judgement) => judgement.usage).reduce(addUsage, NO_USAGE),
  };
}

/** A judgement's criteria fail together where their one call did, so the first stands for all. */
function firstFailure({ verdicts }: RubricJudgement): RoundFailure[] {
  const failed = verdicts.find((verdict) => verdict.status === "failed");
  return failed?.status === "failed" ? [{ step: "score", kind: failed.kind, detail: failed.detail }] : [];
}

function topTwo(scores: readonly CandidateScore[]): readonly [number, number] | null {
  const [first, second] = scores
    .filter((scored) => scored.score !== null)
    .toSorted((a, b) => b.score! - a.score!);
  return first === undefined || second === undefined ? null : [first.candidate, second.candidate];
}
