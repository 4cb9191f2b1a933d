import type { BenchResult } from "../bench/bench-result.ts";
import { compareResults } from "../bench/compare-results.ts";
import type { BootstrapSettings, Interval } from "../evaluation/bootstrap.ts";
import type { Report } from "../run/report.ts";
import { numberText } from "../run/report-number.ts";
import { pointsCell, type StudyFacts, shareCell, studyFacts } from "./study-facts.ts";

/** One judge on one suite, without a rubric and with one. */
export interface JudgeAlignment {
  readonly judge: string;
  readonly without: JudgeCondition;
  readonly with: JudgeCondition;
  /** Per prompt, with less without, on what both could judge; null where that is nothing. */
  readonly difference: Interval | null;
  readonly p: number | null;
}

/** How far a judge agrees with the labels in one condition. */
export interface JudgeCondition {
  readonly scorer: string;
  /** The suite's own average; null where nothing could be judged. */
  readonly average: { readonly value: number; readonly low: number; readonly high: number } | null;
  readonly comparisons: number;
  readonly unjudged: number;
  readonly ties: number;
  readonly secondsPer100: number;
  readonly tokens: number | null;
  readonly costUsd: number | null;
}

/** Several judges, smallest first as the user names them (RaR's alignment study, section 5). */
export interface JudgeScaleStudy {
  readonly suite: string;
  readonly judges: readonly JudgeAlignment[];
}

/** Compares a judge's two results item by item. */
export function judgeAlignment(
  judge: string,
  without: BenchResult,
  withRubric: BenchResult,
  settings: BootstrapSettings,
): JudgeAlignment {
  const common = without.rows.some(
    ({ value }, i) => value !== null && (withRubric.rows[i]?.value ?? null) !== null,
  );
  const compared = common ? compareResults(without, withRubric, settings) : null;
  return {
    judge,
    without: conditionOf(without),
    with: conditionOf(withRubric),
    difference: compared?.difference ?? null,
    p: compared?.p ?? null,
  };
}

function conditionOf(result: BenchResult): JudgeCondition {
  const usage = result.usage?.total.usage ?? null;
  return {
    scorer: result.scorer,
    average: result.average,
    comparisons: result.comparisons,
    unjudged: result.unjudged,
    ties: result.ties,
    secondsPer100: result.secondsPer100,
    tokens: usage === null ? null : usage.promptTokens + usage.completionTokens,
    costUsd: usage?.costUsd ?? null,
  };
}

/** The judges in one table. */
export function judgeScaleReport(
  { suite, judges }: JudgeScaleStudy,
  { modes, ...facts }: Omit<StudyFacts, "scorer"> & { readonly modes: string },
): Report {
  return {
    title: `${suite}: judges with and without rubrics`,
    lead: `${judges[0]?.without.comparisons ?? 0} comparisons of the same ${facts.all} items by every judge, ${modes}. Intervals are 95 % bootstrap over prompts; ties count as wrong.`,
    summary: [],
    charts: [],
    tables: [
      {
        title: "Agreement with the labels",
        columns: [
          "judge",
          "without rubric",
          "with rubric",
          "difference",
          "p",
          "not judged",
          "tied",
          "s for 100",
          "tokens",
          "$",
        ],
        rows: judges.map(({ judge, without, with: own, difference, p }) => [
          judge,
          averageCell(without),
          averageCell(own),
          pointsCell(difference),
          p === null ? "n/a" : p,
          `${without.unjudged}, ${own.unjudged}`,
          `${without.ties}, ${own.ties}`,
          `${numberText(without.secondsPer100, "number")}, ${numberText(own.secondsPer100, "number")}`,
          `${without.tokens ?? "n/a"}, ${own.tokens ?? "n/a"}`,
          `${costCell(without)}, ${costCell(own)}`,
        ]),
        caption:
          "Difference: with less without, over prompts that both conditions could judge, paired. Of two numbers the first is without a rubric.",
      },
    ],
    examples: [],
    notes: [],
    facts: studyFacts({ ...facts, scorer: judges.map(({ judge }) => judge).join(", ") }),
  };
}

function averageCell({ average }: JudgeCondition): string {
  return shareCell(average === null ? null : { ...average, clusters: 0 });
}

const costCell = ({ costUsd }: JudgeCondition): string =>
  costUsd === null ? "n/a" : numberText(costUsd, "number");
