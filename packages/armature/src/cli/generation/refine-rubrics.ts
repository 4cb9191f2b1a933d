import type { FailureKind } from "../../failure.ts";
import { countKinds } from "../../generate/count-kinds.ts";
import type { DifferentiationRound } from "../../generate/differentiate.ts";
import { candidatesOf, type DifferentiationCondition } from "../../generate/differentiation-conditions.ts";
import { distinctResponses } from "../../generate/distinct-responses.ts";
import { improvingWriter } from "../../generate/improving-writer.ts";
import { initialWriter } from "../../generate/initial-writer.ts";
import { type Refinement, refineRubric } from "../../generate/refine.ts";
import { chasingTheTailProtocol } from "../../judge/chasing-the-tail-protocol.ts";
import { criterionJudge } from "../../judge/criterion-judge.ts";
import { chasingTheTail, chasingTheTailSum } from "../../reward/weighted-mean.ts";
import type { Rubric } from "../../rubric/rubric.ts";
import { diffRubric } from "../../rubric/rubric-diff.ts";
import type { RubricItem } from "../../rubric/rubric-item.ts";
import { kindsLine } from "./count-text.ts";
import type { GenerationJob, RowOutcome } from "./generation-job.ts";
import type { InputRow, InputRows } from "./input-rows.ts";

/** How rubrics are to be refined. */
export interface RefinementPlan {
  readonly proposer: string;
  readonly verifier: string;
  /** Null takes all different responses of a row. */
  readonly condition: DifferentiationCondition | null;
  /** Model whose responses a condition of one model takes. */
  readonly candidateModel: string | undefined;
  readonly rounds: number;
  readonly excludeUsed: boolean;
  /** Reads a criterion that the verifier leaves out as "no", as the paper's code does. */
  readonly missingIsNo: boolean;
  readonly temperature: number;
  readonly maxTokens: number | undefined;
  readonly furtherTries: number | undefined;
  readonly seed: number;
}

/** Places of a row's responses that its rubric is refined with. */
export function candidatePlaces(
  { condition, candidateModel }: RefinementPlan,
  { responses }: InputRow,
): readonly number[] {
  if (condition === null) return distinctResponses(responses.map(({ text }) => text)).kept;
  return candidatesOf(condition, responses, candidateModel).places;
}

/** Calls of a job where every reply can be read at once. */
export function plannedCalls(plan: RefinementPlan, rows: readonly InputRow[]) {
  const calls = { initial: 0, verifications: 0, improvements: 0 };
  for (const row of rows) {
    if (row.rubric === null) calls.initial++;
    let pool = candidatePlaces(plan, row).length;
    for (let round = 0; round < plan.rounds && pool >= 2; round++) {
      if (pool > 2) calls.verifications += pool;
      calls.improvements++;
      if (plan.excludeUsed) pool -= 2;
    }
  }
  return calls;
}

/** The job as `runGenerationJob` does it. */
export function refinementJob(plan: RefinementPlan, { rows, skipped }: InputRows): GenerationJob<Refinement> {
  const { rounds, excludeUsed, missingIsNo, temperature, maxTokens, furtherTries, seed } = plan;
  return {
    phase: "refining",
    specs: [plan.proposer, plan.verifier],
    rows,
    skipped,
    settings: {
      ...{ method: "rtd", rounds, excludeUsed, missingIsNo, temperature, seed },
      ...{ maxTokens: maxTokens ?? null, furtherTries: furtherTries ?? null },
      ...{ condition: plan.condition?.name ?? null, candidateModel: plan.candidateModel ?? null },
    },
    start(models) {
      const [proposer, verifier] = models as [(typeof models)[0], (typeof models)[0]];
      const writing = {
        ...{ model: proposer!, temperature, seed },
        ...(maxTokens !== undefined && { maxTokens }),
        ...(furtherTries !== undefined && { furtherTries }),
      };
      const settings = {
        initial: initialWriter(writing),
        proposer: improvingWriter(writing),
        verifier: criterionJudge({ model: verifier!, protocol: chasingTheTailProtocol({ missingIsNo }) }),
        score: chasingTheTailSum,
        normalisedScore: chasingTheTail,
        ...{ rounds, excludeUsed },
      };
      return ({ prompt, rubric, responses, ...row }, options) => {
        const places = candidatePlaces(plan, { ...row, prompt, rubric, responses });
        const candidates = places.map((place) => responses[place]!.text);
        return refineRubric({ prompt, rubric, candidates }, settings, options);
      };
    },
    failuresOf,
    outcomeOf: (result, row) => outcomeOf(plan, result, row),
    summarise: (results) => summarise(plan, rows, results),
  };
}

function failuresOf({ initial, differentiated }: Refinement): readonly FailureKind[] {
  const rounds = differentiated?.rounds ?? [];
  return [
    ...(initial?.status === "failed" ? [initial.kind] : []),
    ...rounds.flatMap(({ failures }) => failures.map(({ kind }) => kind)),
  ];
}

function outcomeOf(
  plan: RefinementPlan,
  { initial, differentiated, usage }: Refinement,
  row: InputRow,
): RowOutcome {
  const { id, line, prompt, reference, responses } = row;
  if (differentiated === null) {
    if (initial?.status !== "failed")
      throw new Error("a rubric that was not refined has a failed first writing");
    const { kind, detail, replies, faults } = initial;
    const place = { id, line, prompt: prompt.messages, method: "rtd" };
    return { failure: { ...place, step: "initial", kind, detail, replies, faults, usage } };
  }
  const places = candidatePlaces(plan, row);
  const first = row.rubric ?? (initial?.status === "written" ? initial.rubric : null);
  const item: RubricItem = {
    ...{ id, prompt, reference, responses },
    rubric: differentiated.rubric,
    extra: {
      refinement: {
        method: "rtd",
        condition: plan.condition?.name ?? null,
        ...{ rounds: plan.rounds, excludeUsed: plan.excludeUsed, missingIsNo: plan.missingIsNo },
        candidates: places,
        initialRubric: first,
        history: history(first!, differentiated.rounds, places),
        stopped: differentiated.stopped,
        usage,
      },
    },
  };
  return { row: item };
}

/** The rounds with places of the row's responses, and with what each changed. */
function history(
  first: Rubric,
  rounds: readonly DifferentiationRound[],
  places: readonly number[],
): object[] {
  return rounds.map(({ scores, pair, ...round }, i) => ({
    ...round,
    scores: scores?.map(({ candidate, ...score }) => ({ response: places[candidate], ...score })) ?? null,
    pair: pair?.map((candidate) => places[candidate]) ?? null,
    change: changeOf(rounds[i - 1]?.rubric ?? first, round.rubric),
  }));
}

/** What a round changed, in texts; the criteria themselves stand in the rubrics before and after it. */
function changeOf(before: Rubric, after: Rubric): object {
  const itemOf = (rubric: Rubric) => ({ id: "", prompt: null, reference: null, responses: [], rubric });
  const { added, removed, kept } = diffRubric(itemOf(before), itemOf(after));
  return {
    added: added.map(({ text }) => text),
    removed: removed.map(({ text }) => text),
    reworded: kept
      .filter(({ changed }) => changed.includes("text"))
      .map((change) => ({ before: change.before.text, after: change.after.text })),
    kept: kept.length,
  };
}

/** Rows that lack some of the responses that the condition would have had. */
function shortRows(plan: RefinementPlan, rows: readonly InputRow[]): number {
  if (plan.condition === null) return 0;
  const wanted = plan.condition.models * plan.condition.perModel;
  return rows.filter((row) => candidatePlaces(plan, row).length < wanted).length;
}

function summarise(plan: RefinementPlan, rows: readonly InputRow[], results: readonly Refinement[]) {
  const short = shortRows(plan, rows);
  const rounds = results.flatMap(({ differentiated }) => differentiated?.rounds ?? []);
  const initials = results.flatMap(({ initial }) => initial ?? []);
  const initialFailures = initials.flatMap((writing) => (writing.status === "failed" ? [writing.kind] : []));
  const failures = rounds.flatMap((round) => round.failures);
  const ofStep = (step: string) =>
    failures.flatMap((failure) => (failure.step === step ? [failure.kind] : []));
  const improved = rounds.filter(({ outcome }) => outcome === "improved").length;
  const refined = results.filter(({ differentiated }) =>
    differentiated?.rounds.some(({ outcome }) => outcome === "improved"),
  ).length;
  const early = results.filter(
    ({ differentiated }) => differentiated?.stopped === "candidates-used-up",
  ).length;
  const faults = [...initials, ...rounds].flatMap((writing) => writing.faults);
  const repairs = [...initials, ...rounds].flatMap((writing) => writing.repairs);
  const exclusion = plan.excludeUsed ? "used pairs are excluded" : "used pairs stay";
  return {
    lines: [
      `${refined} of ${results.length} rubrics refined; ${improved} of ${rounds.length} rounds improved one (${exclusion})`,
      ...kindsLine("first rubrics that failed", initialFailures),
      ...kindsLine("scores that failed", ofStep("score")),
      ...kindsLine("improvements that failed", ofStep("improve")),
      ...kindsLine("replies that could not be read", faults),
      ...kindsLine("mended", repairs),
      ...(short > 0
        ? [`${short} rows have fewer responses than condition ${plan.condition!.name} takes`]
        : []),
      ...(early > 0 ? [`${early} rows had too few responses for all rounds`] : []),
    ],
    counts: {
      ...{ rows: results.length, refined, rounds: rounds.length, improved, excludeUsed: plan.excludeUsed },
      failed: {
        initial: countKinds(initialFailures),
        score: countKinds(ofStep("score")),
        improve: countKinds(ofStep("improve")),
      },
      ...{
        faults: countKinds(faults),
        repairs: countKinds(repairs),
        candidatesUsedUp: early,
        fewerThanCondition: short,
      },
    },
  };
}
