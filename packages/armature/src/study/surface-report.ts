import type { Report } from "../run/report.ts";
import type { StudyFacts } from "./study-facts.ts";
import { pointsCell, scoreCell, shareCell, studyFacts } from "./study-facts.ts";
import type { SurfaceStudy } from "./surface-study.ts";

/** What length or style does to a scorer, as a page. */
export function surfaceReport(study: SurfaceStudy, facts: StudyFacts): Report {
  const { association, effects, accuracy, pairs, undecided } = study;
  const { feature, unit } = association;
  const scores = effects.some(({ scoreGain }) => scoreGain !== null);
  return {
    title: `What ${feature} does to ${study.scorer}`,
    lead: `${pairs} of ${facts.all} pairs as they are, and with their responses changed in nothing but ${feature}. Shares count ties half; intervals are 95 % bootstrap over prompts.`,
    summary:
      accuracy === null
        ? []
        : [
            {
              name: "accuracy",
              label: "preference for the better response, pairs as they are",
              format: "percent",
              after: accuracy,
            },
          ],
    charts: [],
    tables: [
      {
        title: `With ${feature}, as the pairs are`,
        columns: ["", "value"],
        rows: [
          [`pairs that differ in ${unit}`, association.pairs],
          [`the labels prefer the response with more`, shareCell(association.labels)],
          [`the scorer prefers the response with more`, shareCell(association.scorer)],
          [`right where the better response has more`, shareCell(association.betterHasMore)],
          [`right where the better response has less`, shareCell(association.betterHasLess)],
        ],
      },
      {
        title: `By ${feature}, as a cause`,
        columns: [
          "change",
          "pairs",
          "preferred to itself unchanged",
          "worse response changed: accuracy",
          "better response changed: accuracy",
          "right pairs turned wrong",
          ...(scores ? ["score"] : []),
        ],
        rows: effects.map((effect) => [
          effect.intervention,
          effect.pairs,
          shareCell(effect.preferred),
          pointsCell(effect.worseChanged),
          pointsCell(effect.betterChanged),
          shareCell(effect.turned),
          ...(scores ? [scoreCell(effect.scoreGain)] : []),
        ]),
        caption: effects.map(({ intervention, what }) => `${intervention}: ${what}`).join("; "),
      },
    ],
    examples: [],
    notes: [
      "A scorer that does not look at it prefers the changed response to itself in 50 % and loses nothing when the worse one is changed.",
      ...(undecided === 0 ? [] : [`${undecided} pairs without a readable verdict are left out.`]),
    ],
    facts: studyFacts(facts),
  };
}
