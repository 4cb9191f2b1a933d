import type { Report, ReportTable } from "../run/report.ts";
import { numberText } from "../run/report-number.ts";
import { runVersions } from "../run/run-identity.ts";
import type { VarianceStudy } from "./variance-study.ts";

/** The study as a page. */
export function varianceReport(study: VarianceStudy): Report {
  const { identities, assumption } = study;
  const held = `${assumption.theoremWhereItHolds} of ${assumption.holds}`;
  const anyway = `${assumption.theoremWhereItFails} of ${assumption.fails}`;
  return {
    title: "Variance of the judge's and the generator's gradients",
    lead: `Section 5 of Rubric-ARM (arXiv 2602.01511) by exact enumeration on ${study.toys} random toys: a generator of 2 to 6 rubrics, a judge of 2 to 4 outcomes, plain REINFORCE without a baseline.`,
    summary: [
      {
        name: "violations",
        label: "formulas that enumeration contradicts",
        format: "number",
        after: { value: identities.violations },
        note: `${identities.compared} values compared, largest relative difference ${numberText(identities.largestDifference, "number")}`,
      },
      {
        name: "theorem",
        label: "theorem 5.5 where assumption 5.3 holds",
        format: "percent",
        after: { value: assumption.theoremWhereItHolds / assumption.holds },
        note: `${held} toys`,
      },
      {
        name: "theorem-anyway",
        label: "its claim where the assumption fails",
        format: "percent",
        after: { value: assumption.theoremWhereItFails / assumption.fails },
        note: `${anyway} toys`,
      },
    ],
    charts: [],
    tables: [judgeBlockTable(study), scheduleTable(study), counterExampleTable(study)],
    examples: [],
    notes: [
      `The assumption compares the lengths of two different parameter blocks' scores, and it does the work: it holds at ${assumption.holdsAtRubrics} of ${assumption.rubrics} rubrics, and for all rubrics of a toy at ${assumption.holds} of ${study.toys} toys.`,
      `C₁ lies between ${numberText(assumption.c1[0], "number")} and ${numberText(assumption.c1[1], "number")} at these toys.`,
      "The theorem compares the judge's variance given its rubric with the generator's total variance. Counted with the draw of its rubric, a judge's gradient over several judgements varies more with one frozen rubric than with fresh ones.",
      "Toys have no baseline, no group normalisation, no clipping and one prompt; which schedule is better there says little about language models.",
    ],
    facts: [
      { label: "seed", value: String(study.seed) },
      ...Object.entries(runVersions()).map(([label, value]) => ({ label, value })),
    ],
  };
}

function judgeBlockTable({ judgeBlock }: VarianceStudy): ReportTable {
  return {
    title: "The judge's gradient over several judgements",
    columns: ["judgements", "frozen rubric, given", "frozen rubric, its draw counted", "a fresh rubric each"],
    rows: judgeBlock.map(({ judgements, frozenGiven, frozen, fresh }) => [
      String(judgements),
      frozenGiven,
      frozen,
      fresh,
    ]),
    caption: "Variance relative to that of one judgement of a fresh rubric; medians over toys.",
  };
}

function scheduleTable({ schedules, step }: VarianceStudy): ReportTable {
  return {
    title: "One cycle of updates: in turn or at once",
    columns: ["schedule", "judgements", "mean rise of J", "its standard deviation", "rises most"],
    rows: schedules.map(({ schedule, judgements, meanImprovement, meanDeviation, bestShare }) => [
      schedule,
      String(judgements),
      meanImprovement,
      meanDeviation,
      bestShare === null ? "" : numberText(bestShare, "percent"),
    ]),
    caption: `J is the chance of a correct verdict; step size ${step}, over every possible draw. Simultaneous updates use each judgement for both players.`,
  };
}

function counterExampleTable({ counterExamples }: VarianceStudy): ReportTable {
  return {
    title: "Where the claim is false",
    columns: ["toy", "Var of the generator's", "mean Var of the judge's", "C₁", "assumption holds at"],
    rows: counterExamples.map(
      ({ toy, generatorVariance, meanJudgeVariance, c1, rubrics, assumptionHolds }) => [
        `toy ${toy}`,
        generatorVariance,
        meanJudgeVariance,
        c1 ?? Number.NaN,
        `${assumptionHolds} of ${rubrics} rubrics`,
      ],
    ),
    caption: "The toys with the largest excess of the judge's variance; the assumption fails at each.",
  };
}
