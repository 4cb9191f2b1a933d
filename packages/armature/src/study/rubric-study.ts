import { type BootstrapSettings, bootstrapDifference, type Interval } from "../evaluation/bootstrap.ts";
import { pearson } from "../evaluation/rank-correlation.ts";
import type { CriterionVerdict } from "../judge/criterion-verdict.ts";
import type { Aggregator } from "../reward/aggregate.ts";
import { credit } from "../reward/judged-criteria.ts";
import { rubricFingerprint } from "../rubric/fingerprint.ts";
import type { Criterion, Rubric } from "../rubric/rubric.ts";
import { textSimilarity } from "../rubric/text-similarity.ts";
import { meanOverPrompts, shareOverPrompts } from "./duels.ts";

/** A pair whose two responses were judged criterion by criterion. */
export interface RubricJudgedPair {
  readonly promptId: string;
  readonly rubric: Rubric;
  /** In the rubric's order. */
  readonly chosen: readonly CriterionVerdict[];
  readonly rejected: readonly CriterionVerdict[];
}

/** How criteria tell better responses from worse ones. Credit is 0 to 1, polarity minded. */
export interface CriterionGroup {
  /** The criterion's text where one rubric serves all prompts, else its kind or category. */
  readonly name: string;
  /** Criterion and pair together, both responses judged. */
  readonly judged: number;
  readonly unjudged: number;
  /** Mean credit of the better response less that of the worse one. */
  readonly discrimination: Interval | null;
  /** Shares that speak for the better, for the worse response, and for neither (zero variance). */
  readonly right: Interval | null;
  readonly wrong: Interval | null;
  readonly same: Interval | null;
  /** Preference for the better response without the group's criteria, one left out at a time, less that with all. */
  readonly dropout: Interval | null;
}

/** Two criteria of one rubric that say nearly the same. */
export interface RedundantCriteria {
  readonly first: string;
  readonly second: string;
  /** Dice coefficient of their words' stems. */
  readonly similarity: number;
  /** Of their credits over all responses, where one rubric serves all prompts. */
  readonly correlation: number | null;
}

/** What the criteria of rubrics are worth. */
export interface RubricStudy {
  readonly pairs: number;
  readonly rubrics: number;
  readonly criteria: number;
  /** Preference for the better response by the rubrics' scores, ties half; null scores left out. */
  readonly accuracy: Interval | null;
  /** All criteria together. */
  readonly all: CriterionGroup;
  readonly groups: readonly CriterionGroup[];
  /** Pairs in which leaving out some one criterion changes which response is preferred. */
  readonly fragile: Interval | null;
  /** Most similar ones first, at most ten; only those at or above `SIMILAR`. */
  readonly redundant: readonly RedundantCriteria[];
  /** Share of pairs of criteria of one rubric that are that similar. */
  readonly redundantShare: number | null;
}

/** Texts from here on count as saying the same. */
export const SIMILAR = 0.6;
const SHOWN = 10;

/** Discrimination, dropout and redundancy of criteria. Intervals draw prompts. */
export function studyRubrics(
  pairs: readonly RubricJudgedPair[],
  aggregate: Aggregator,
  settings: BootstrapSettings,
): RubricStudy {
  const readings = pairs.flatMap((pair) => readingsOf(pair, aggregate));
  const rubrics = new Map(pairs.map(({ rubric }) => [rubricFingerprint(rubric), rubric]));
  const shared = rubrics.size === 1;
  const nameOf = ({ text, kind, category }: Criterion) => (shared ? text : (kind ?? category ?? "criteria"));
  const names = [...new Set(readings.map(({ criterion }) => nameOf(criterion)))];
  const redundant = [...rubrics.values()].flatMap((rubric) => similarCriteria(rubric, shared ? pairs : null));
  const couples = [...rubrics.values()].reduce(
    (sum, { criteria: { length } }) => sum + (length * (length - 1)) / 2,
    0,
  );
  const preferences = pairs.map((pair) => ({
    promptId: pair.promptId,
    value: preferenceOf(pair, aggregate),
  }));
  return {
    pairs: pairs.length,
    rubrics: rubrics.size,
    criteria: [...rubrics.values()].reduce((sum, { criteria }) => sum + criteria.length, 0),
    accuracy: shareOverPrompts(preferences, settings),
    all: groupOf("all criteria", readings, settings),
    groups: names.map((name) =>
      groupOf(
        name,
        readings.filter(({ criterion }) => nameOf(criterion) === name),
        settings,
      ),
    ),
    fragile: shareOverPrompts(
      pairs.map((pair, i) => ({
        promptId: pair.promptId,
        value: fragility(pair, preferences[i]!.value, aggregate),
      })),
      settings,
    ),
    redundant: redundant
      .filter(({ similarity }) => similarity >= SIMILAR)
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, SHOWN),
    redundantShare:
      couples === 0 ? null : redundant.filter(({ similarity }) => similarity >= SIMILAR).length / couples,
  };
}

/** One criterion on one pair. */
interface Reading {
  readonly promptId: string;
  readonly criterion: Criterion;
  /** Credit of the better response less that of the worse one; null where either was not judged. */
  readonly difference: number | null;
  readonly with: number | null;
  readonly without: number | null;
}

function readingsOf(pair: RubricJudgedPair, aggregate: Aggregator): readonly Reading[] {
  const { promptId, rubric, chosen, rejected } = pair;
  const all = preferenceOf(pair, aggregate);
  return rubric.criteria.map((criterion, i) => {
    const [better, worse] = [creditOf(criterion, chosen[i]!), creditOf(criterion, rejected[i]!)];
    return {
      ...{ promptId, criterion, with: all },
      difference: better === null || worse === null ? null : better - worse,
      without: preferenceOf(withoutCriterion(pair, i), aggregate),
    };
  });
}

function groupOf(name: string, readings: readonly Reading[], settings: BootstrapSettings): CriterionGroup {
  const judged = readings.filter(({ difference }) => difference !== null).length;
  const differences = readings.map(({ promptId, difference }) => ({ promptId, value: difference }));
  const share = (holds: (difference: number) => boolean) =>
    shareOverPrompts(
      differences.map(({ promptId, value }) => ({
        promptId,
        value: value === null ? null : Number(holds(value)),
      })),
      settings,
    );
  const byPrompt = new Map<string, Reading[]>();
  for (const reading of readings)
    if (reading.with !== null && reading.without !== null)
      byPrompt.set(reading.promptId, [...(byPrompt.get(reading.promptId) ?? []), reading]);
  const clusters = [...byPrompt.values()];
  return {
    ...{ name, judged, unjudged: readings.length - judged },
    discrimination: meanOverPrompts(differences, settings),
    right: share((difference) => difference > 0),
    wrong: share((difference) => difference < 0),
    same: share((difference) => difference === 0),
    dropout: bootstrapDifference(
      clusters.map((own) => own.map((reading) => reading.with!)),
      clusters.map((own) => own.map((reading) => reading.without!)),
      settings,
    ),
  };
}

function creditOf(criterion: Criterion, verdict: CriterionVerdict): number | null {
  return verdict.status === "scored" ? credit({ criterion, verdict }) : null;
}

/** 1 where the better response scores higher, 0.5 at a tie; null without both scores. */
function preferenceOf({ rubric, chosen, rejected }: RubricJudgedPair, aggregate: Aggregator): number | null {
  if (rubric.criteria.length === 0) return null;
  const [better, worse] = [aggregate(rubric, chosen).score, aggregate(rubric, rejected).score];
  return better === null || worse === null ? null : (1 + Math.sign(better - worse)) / 2;
}

function withoutCriterion(
  { rubric, chosen, rejected, ...rest }: RubricJudgedPair,
  place: number,
): RubricJudgedPair {
  const others = <T>(list: readonly T[]) => list.filter((_, i) => i !== place);
  return {
    ...rest,
    rubric: { ...rubric, criteria: others(rubric.criteria) },
    chosen: others(chosen),
    rejected: others(rejected),
  };
}

function fragility(pair: RubricJudgedPair, all: number | null, aggregate: Aggregator): number | null {
  if (all === null || pair.rubric.criteria.length < 2) return null;
  return Number(
    pair.rubric.criteria.some((_, i) => {
      const without = preferenceOf(withoutCriterion(pair, i), aggregate);
      return without !== null && without !== all;
    }),
  );
}

function similarCriteria(
  { criteria }: Rubric,
  pairs: readonly RubricJudgedPair[] | null,
): readonly RedundantCriteria[] {
  const credits = criteria.map((criterion, i) =>
    (pairs ?? []).flatMap(({ chosen, rejected }) => [
      creditOf(criterion, chosen[i]!),
      creditOf(criterion, rejected[i]!),
    ]),
  );
  return criteria.flatMap((first, i) =>
    criteria.slice(i + 1).map((second, k) => ({
      first: first.text,
      second: second.text,
      similarity: textSimilarity(first.text, second.text),
      correlation: pairs === null ? null : correlationOf(credits[i]!, credits[i + 1 + k]!),
    })),
  );
}

function correlationOf(one: readonly (number | null)[], other: readonly (number | null)[]): number | null {
  const both = one.flatMap((value, i) => {
    const twin = other[i]!;
    return value === null || twin === null ? [] : [[value, twin] as const];
  });
  return pearson(
    both.map(([value]) => value),
    both.map(([, value]) => value),
  );
}
