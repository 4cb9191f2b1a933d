import type { Report, ReportTable } from "../run/report.ts";
import { numberText } from "../run/report-number.ts";
import type { RubricQuality } from "../sandbox/rubric-quality.ts";
import type { CriterionGroup, RubricStudy } from "./rubric-study.ts";
import { pointsCell, type StudyFacts, scoreCell, shareCell, studyFacts } from "./study-facts.ts";
import type { WriterAgreement } from "./writer-agreement.ts";

/** All that a study of rubrics may find. */
export interface RubricFindings {
  readonly study: RubricStudy;
  /** With a second writer's rubrics. */
  readonly writers: WriterAgreement | null;
  /** In the sandbox, where the principles that count are known. */
  readonly truth: RubricQuality | null;
}

/** What the criteria of rubrics are worth, as a page. */
export function rubricReport({ study, writers, truth }: RubricFindings, facts: StudyFacts): Report {
  const { accuracy, fragile, redundantShare, all, pairs } = study;
  const share = (name: string, label: string, value: RubricStudy["accuracy"]) =>
    value === null ? [] : [{ name, label, format: "percent" as const, after: value }];
  return {
    title: `What the criteria are worth: ${facts.scorer}`,
    lead: `${study.criteria} criteria in ${study.rubrics} rubrics, read on both responses of ${pairs} of ${facts.all} pairs. Shares count ties half; intervals are 95 % bootstrap over prompts.`,
    summary: [
      ...share("accuracy", "preference for the better response by the rubrics' scores", accuracy),
      ...share("zero-variance", "criteria that say the same of both responses", all.same),
      ...share("fragile", "pairs that some one criterion decides", fragile),
      ...(redundantShare === null
        ? []
        : [
            {
              name: "redundant",
              label: "pairs of criteria that say nearly the same",
              format: "percent" as const,
              after: { value: redundantShare },
            },
          ]),
    ],
    charts: [],
    tables: [
      criteriaTable(study),
      ...(study.redundant.length === 0 ? [] : [redundantTable(study)]),
      ...(writers === null ? [] : [writerTable(writers)]),
      ...(truth === null ? [] : [truthTable(truth)]),
    ],
    examples: [],
    notes:
      all.unjudged === 0
        ? []
        : [`${all.unjudged} readings of a criterion failed on either response and are left out.`],
    facts: studyFacts(facts),
  };
}

function criteriaTable({ all, groups, rubrics }: RubricStudy): ReportTable {
  const row = (group: CriterionGroup) => [
    group.name,
    group.judged,
    scoreCell(group.discrimination),
    shareCell(group.right),
    shareCell(group.wrong),
    shareCell(group.same),
    pointsCell(group.dropout),
  ];
  return {
    title: rubrics === 1 ? "By criterion" : "By kind of criterion",
    columns: [
      "",
      "read",
      "credit, better less worse",
      "for the better",
      "for the worse",
      "for neither",
      "accuracy without it",
    ],
    rows: [row(all), ...groups.map(row)],
    caption: "Without it: one criterion is left out at a time; a gain means that it misleads.",
  };
}

function redundantTable({ redundant }: RubricStudy): ReportTable {
  return {
    title: "Criteria that say nearly the same",
    columns: ["criterion", "and", "common words", "correlation of credits"],
    rows: redundant.map(({ first, second, similarity, correlation }) => [
      first,
      second,
      numberText(similarity, "percent"),
      correlation === null ? "n/a" : numberText(correlation, "number"),
    ]),
  };
}

function writerTable(writers: WriterAgreement): ReportTable {
  const number = (value: number | null) => (value === null ? "n/a" : numberText(value, "number"));
  return {
    title: "Agreement with the other writer",
    columns: ["", "value"],
    rows: [
      ["pairs that both score", writers.pairs],
      ["same winner, or both none", shareCell(writers.sameWinner)],
      ["Cohen's κ of the winners", number(writers.kappa)],
      ["Spearman's ρ of score differences", number(writers.marginCorrelation)],
      ["criteria that the other one has too", shareCell(writers.firstInSecond)],
      ["criteria of the other one that this one has", shareCell(writers.secondInFirst)],
    ],
  };
}

function truthTable(truth: RubricQuality): ReportTable {
  const percent = (value: number) => numberText(value, "percent");
  return {
    title: "Against the world's own truth",
    columns: ["", "value"],
    rows: [
      [`rubrics in the required form, of ${truth.rubrics}`, percent(truth.readable)],
      ["precision: stated principles that count", percent(truth.precision)],
      ["recall: principles that count and are stated", percent(truth.recall)],
      ["rules of the request that are stated", percent(truth.rulesKept)],
    ],
  };
}
