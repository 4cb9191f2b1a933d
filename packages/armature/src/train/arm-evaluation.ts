import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Sampler } from "@armature/tinker";
import type { ArmRecipe } from "../config/recipe-schema.ts";
import type { PreferencePair } from "../data/prompt.ts";
import { type PairAccuracy, pairAccuracy, pairScores } from "../evaluation/pair-accuracy.ts";
import { greedyRubrics } from "../judge/greedy-rubrics.ts";
import type { PairOutcome } from "../judge/outcome.ts";
import { judgePairs } from "../judge/pairwise-judge.ts";
import type { RunDirectory } from "../run/run-directory.ts";
import { judgedNotes } from "../sandbox/judged-notes.ts";
import type { CriterionName } from "../sandbox/lexicon.ts";
import { oracleCriteria, rubricText, staticCriteria } from "../sandbox/rubric-language.ts";
import { type RubricQuality, rubricQuality } from "../sandbox/rubric-quality.ts";
import { type VerdictAccuracy, verdictAccuracy } from "../sandbox/verdict-accuracy.ts";
import type { PairTruth } from "../sandbox/world.ts";
import type { ArmModels } from "./arm-models.ts";

/** What generator and judge made of one pair. */
export interface EvaluatedExample {
  readonly pairId: string;
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
  readonly rubric: string;
  /** With the chosen response shown as A. */
  readonly judgement: string;
  readonly winner: "A" | "B" | null;
}

/** An evaluation as it is kept in the run directory. */
export interface ArmEvaluation {
  /** Flat numbers for `metrics.jsonl`; what was not measured is absent. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly accuracy: PairAccuracy;
  /** Majority of `votes` judgements at temperature 1, in mixed order, on the first of the pairs. */
  readonly vote?: { readonly votes: number; readonly accuracy: PairAccuracy };
  /** Per pair 1 or 0 for each order. */
  readonly scores: readonly (readonly number[])[];
  readonly examples: readonly EvaluatedExample[];
  readonly sandbox?: {
    readonly rubrics: RubricQuality;
    readonly verdicts: VerdictAccuracy;
    /** The judge alone, with the rubric of the truth and with the generic one, on the first of the pairs. */
    readonly oracleRubric?: PairAccuracy;
    readonly staticRubric?: PairAccuracy;
  };
}

export interface ArmEvaluating {
  readonly models: Pick<ArmModels, "generator" | "judge" | "dialect">;
  readonly pairs: readonly PreferencePair[];
  readonly recipe: ArmRecipe;
  readonly truths?: ReadonlyMap<string, PairTruth>;
  /** Also the vote, and the judge with given rubrics: what the report shows, too much after every phase. */
  readonly whole: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Pairs of the side measurements, whose intervals may be wider than the headline's. */
const SIDE_PAIRS = 400;

/** Greedy rubrics, then every pair judged in both orders by the present weights. */
export async function evaluateArm(evaluating: ArmEvaluating): Promise<ArmEvaluation> {
  const { models } = evaluating;
  const [generator, judge] = await Promise.all([
    models.generator.samplerNow().result,
    models.judge.samplerNow().result,
  ]);
  try {
    return await evaluate(evaluating, generator, judge);
  } finally {
    await Promise.all([generator.dispose(), judge.dispose()]);
  }
}

async function evaluate(
  { models, pairs, recipe, truths, whole, onProgress }: ArmEvaluating,
  generator: Sampler,
  judge: Sampler,
): Promise<ArmEvaluation> {
  const { dialect } = models;
  const { seed, evaluation: settings } = recipe;
  const scoring = { seed, resamples: settings.bootstrapSamples };
  const ask = (rubrics: ReadonlyMap<string, string>, asked = pairs, votes = 1) =>
    judgePairs({
      judge,
      dialect,
      pairs: asked,
      rubrics,
      orders: votes === 1 ? "both" : "mixed",
      votes,
      temperature: votes === 1 ? settings.judgeTemperature : 1,
      seed,
      contextLength: models.judge.capabilities.maxContextLength,
      ...(onProgress && votes === 1 && { onProgress }),
    });
  const fixed = recipe.staticRubric;
  const rubrics =
    fixed === null
      ? await greedyRubrics(
          generator,
          dialect,
          pairs.map((pair) => pair.prompt),
        )
      : new Map(pairs.map((pair) => [pair.prompt.id, fixed]));
  const outcomes = await ask(rubrics);
  const accuracy = pairAccuracy(outcomes, scoring);
  const first = pairs.slice(0, SIDE_PAIRS);
  const vote =
    whole && settings.votes > 1
      ? { votes: settings.votes, accuracy: pairAccuracy(await ask(rubrics, first, settings.votes), scoring) }
      : undefined;
  const sandbox = truths && {
    rubrics: rubricQuality(
      pairs.map((pair) => ({ request: truths.get(pair.id)!.request, text: rubrics.get(pair.prompt.id)! })),
    ),
    verdicts: verdictAccuracy(judgedNotes(outcomes, truths)),
    ...(whole && {
      oracleRubric: pairAccuracy(await ask(rubricsBy(first, truths, oracleCriteria), first), scoring),
      staticRubric: pairAccuracy(await ask(rubricsBy(first, truths, staticCriteria), first), scoring),
    }),
  };
  return {
    metrics: numbersOf(accuracy, sandbox),
    accuracy,
    ...(vote && { vote }),
    scores: pairScores(outcomes),
    examples: whole ? examplesOf(pairs, outcomes, recipe.output.examples) : [],
    ...(sandbox && { sandbox }),
  };
}

function rubricsBy(
  pairs: readonly PreferencePair[],
  truths: ReadonlyMap<string, PairTruth>,
  criteriaOf: (request: PairTruth["request"]) => readonly CriterionName[],
): ReadonlyMap<string, string> {
  return new Map(pairs.map((pair) => [pair.prompt.id, rubricText(criteriaOf(truths.get(pair.id)!.request))]));
}

function numbersOf(
  accuracy: PairAccuracy,
  sandbox: { rubrics: RubricQuality; verdicts: VerdictAccuracy } | undefined,
): Record<string, number> {
  const all: Record<string, number | null | undefined> = {
    accuracy: accuracy.accuracy?.value,
    accuracyLow: accuracy.accuracy?.low,
    accuracyHigh: accuracy.accuracy?.high,
    given: accuracy.given?.value,
    swapped: accuracy.swapped?.value,
    mixed: accuracy.mixed?.value,
    positionVariation: accuracy.positionVariation,
    orderAgreement: accuracy.orderAgreement,
    firstWins: accuracy.firstWins,
    parseFailureRate: accuracy.parseFailureRate,
    rubricFaultRate: accuracy.rubricFaults / accuracy.judgements,
    rubricPrecision: sandbox?.rubrics.precision,
    rubricRecall: sandbox?.rubrics.recall,
    rulesKept: sandbox?.rubrics.rulesKept,
    ruleVerdicts: sandbox?.verdicts.rules,
    principleVerdicts: sandbox?.verdicts.principles,
  };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
  );
}

function examplesOf(
  pairs: readonly PreferencePair[],
  outcomes: readonly PairOutcome[],
  count: number,
): EvaluatedExample[] {
  return pairs.slice(0, count).map((pair) => {
    const outcome = outcomes.find(({ pairId, order }) => pairId === pair.id && order === "given");
    const vote = outcome?.votes[0];
    return {
      pairId: pair.id,
      prompt: pair.prompt.messages.map(({ role, content }) => `${role}: ${content}`).join("\n"),
      chosen: pair.chosen,
      rejected: pair.rejected,
      rubric: outcome?.rubric ?? "",
      judgement: vote?.text ?? "",
      winner: vote?.judgement.winner ?? null,
    };
  });
}

/** File of an evaluation in the run directory. */
const fileOf = (name: string) => `evaluation-${name}.json`;

export function saveEvaluation(run: RunDirectory<unknown>, name: string, evaluation: ArmEvaluation): void {
  run.writeFile(fileOf(name), `${JSON.stringify(evaluation)}\n`);
}

/** The evaluation that a run has made already; undefined where it has not. */
export function readEvaluation(folder: string, name: string): ArmEvaluation | undefined {
  const path = join(folder, fileOf(name));
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as ArmEvaluation) : undefined;
}
