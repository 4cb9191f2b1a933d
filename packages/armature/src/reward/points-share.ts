import type { Aggregator } from "./aggregate.ts";
import { coverageOf, type JudgedCriterion, judgedCriteria, signedPoints, sumOf } from "./judged-criteria.ts";

/**
 * HealthBench's score of one example: points of what is met over the positive points (simple-evals, healthbench_eval.py), of
 * the judged criteria. Not clipped: at most 1, negative where undesirable things outweigh. Null without positive points.
 */
export const healthBench: Aggregator = (rubric, verdicts) => {
  const judged = judgedCriteria(rubric, verdicts);
  const positive = positivePoints(judged);
  return {
    score: positive > 0 ? earnedPoints(judged) / positive : null,
    coverage: coverageOf(rubric, verdicts),
  };
};

/**
 * autorubric's score: clamp(Σ v w / Σ_{w>0} w, 0, 1) over the judged criteria; for a rubric of negative criteria only,
 * clamp(1 + Σ v w / Σ |w|, 0, 1). w are signed points, v the verdict's value. Null where the judged criteria cannot carry it.
 */
export const clamped: Aggregator = (rubric, verdicts) => {
  const judged = judgedCriteria(rubric, verdicts);
  const coverage = coverageOf(rubric, verdicts);
  const onlyNegative = rubric.criteria.every((criterion) => signedPoints(criterion) <= 0);
  const base = onlyNegative ? absolutePoints(judged) : positivePoints(judged);
  if (base === 0) return { score: null, coverage };
  const share = earnedPoints(judged) / base;
  return { score: Math.min(1, Math.max(0, onlyNegative ? 1 + share : share)), coverage };
};

/** open-instruct's score: Σ v w / Σ |w| over the judged criteria, w signed points. −1 to 1. */
export const absolute: Aggregator = (rubric, verdicts) => {
  const judged = judgedCriteria(rubric, verdicts);
  const total = absolutePoints(judged);
  return {
    score: total > 0 ? earnedPoints(judged) / total : null,
    coverage: coverageOf(rubric, verdicts),
  };
};

function earnedPoints(judged: readonly JudgedCriterion[]): number {
  return sumOf(judged, ({ criterion, verdict }) => signedPoints(criterion) * verdict.value);
}

function positivePoints(judged: readonly JudgedCriterion[]): number {
  return sumOf(judged, ({ criterion }) => Math.max(0, signedPoints(criterion)));
}

function absolutePoints(judged: readonly JudgedCriterion[]): number {
  return sumOf(judged, ({ criterion }) => Math.abs(criterion.weight));
}
