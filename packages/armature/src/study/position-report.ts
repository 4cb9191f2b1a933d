import type { Report } from "../run/report.ts";
import type { PositionStudy } from "./position-study.ts";
import { type StudyFacts, shareCell, studyFacts } from "./study-facts.ts";

/** What the place of a response does to a judge of pairs, as a page. */
export function positionReport(study: PositionStudy, facts: StudyFacts): Report {
  const { accuracy, bothOrders, sameTwice } = study;
  const share = (label: string, value: number | null) =>
    value === null
      ? []
      : [{ name: label.replaceAll(" ", "-"), label, format: "percent" as const, after: { value } }];
  return {
    title: `What the place of a response does to ${study.scorer}`,
    lead: `${accuracy.pairs} of ${facts.all} pairs in both orders. Intervals are 95 % bootstrap; ties and unreadable verdicts count as wrong.`,
    summary: [
      ...(accuracy.accuracy === null
        ? []
        : [
            {
              name: "accuracy",
              label: "right, over both orders",
              format: "percent" as const,
              after: accuracy.accuracy,
            },
          ]),
      ...share("position variation", accuracy.positionVariation),
      ...share("orders agree", accuracy.orderAgreement),
      ...share("the response shown first wins", accuracy.firstWins),
    ],
    charts: [],
    tables: [
      {
        title: "By order",
        columns: ["order", "right"],
        rows: [
          ["better response first", shareCell(accuracy.given)],
          ["better response second", shareCell(accuracy.swapped)],
          ["a coin for each pair", shareCell(accuracy.mixed)],
        ],
      },
      {
        title: `Of ${bothOrders.pairs} pairs with a winner in both orders`,
        columns: ["", "share"],
        rows: [
          ["right in both", shareCell(bothOrders.right)],
          ["wrong in both", shareCell(bothOrders.wrong)],
          ["whichever is first", shareCell(bothOrders.first)],
          ["whichever is second", shareCell(bothOrders.second)],
        ],
      },
      {
        title: `One response shown twice, ${sameTwice.responses} responses`,
        columns: ["", "share"],
        rows: [
          ["the first is preferred, ties half", shareCell(sameTwice.first)],
          ["neither is", shareCell(sameTwice.ties)],
        ],
      },
    ],
    examples: [],
    notes: [
      `Ties: ${accuracy.ties}. Unreadable: ${accuracy.parseFailures}. Not judged and left out: ${accuracy.unjudged}.`,
      "Position variation is the largest less the smallest accuracy of the three orders (Rubric-ARM, table 13).",
    ],
    facts: studyFacts(facts),
  };
}
