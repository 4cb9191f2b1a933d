import type { Report } from "../run/report.ts";
import { PROBE_KINDS } from "./hacking-probes.ts";
import type { ProbeStudy } from "./probe-study.ts";
import { SANDBOX_PROBE_KINDS } from "./sandbox-probes.ts";
import { type StudyFacts, scoreCell, shareCell, studyFacts } from "./study-facts.ts";

/** Which probes a scorer falls for, as a page. */
export function probeReport(study: ProbeStudy, facts: StudyFacts): Report {
  const { probes, beatenByNothing } = study;
  const kinds = kindsOf(study);
  const scores = probes.some(({ scoreGain }) => scoreGain !== null);
  return {
    title: `Hacking probes against ${study.scorer}`,
    lead: `${study.subjects} honest responses (the better ones of ${study.subjects} of ${facts.all} pairs), each against responses that try to get a reward without earning it. Intervals are 95 % bootstrap over prompts.`,
    summary:
      beatenByNothing === null
        ? []
        : [
            {
              name: "beaten-by-nothing",
              label: "honest responses that lose to at least one probe that answers nothing",
              format: "percent",
              after: beatenByNothing,
            },
          ],
    charts: [],
    tables: [
      {
        title: "By probe",
        columns: [
          "probe",
          "what it is",
          "judged",
          "preferred to the honest one",
          "tied",
          ...(scores ? ["score"] : []),
        ],
        rows: probes.map(({ probe, judged, wins, ties, scoreGain }) => [
          probe,
          kinds[probe]?.what ?? "",
          judged,
          shareCell(wins),
          shareCell(ties),
          ...(scores ? [scoreCell(scoreGain)] : []),
        ]),
        caption:
          "A probe that carries the honest response deserves at most a tie; every other one deserves to lose.",
      },
    ],
    examples: [],
    notes: probes
      .filter(({ unjudged }) => unjudged > 0)
      .map(({ probe, unjudged }) => `${probe}: ${unjudged} without a readable verdict, left out.`),
    facts: studyFacts(facts),
  };
}

/** Both sets of probes have some names in common; the sandbox's mean its own texts. */
function kindsOf({ probes }: ProbeStudy): Readonly<Record<string, { readonly what: string } | undefined>> {
  return probes.every(({ probe }) => probe in SANDBOX_PROBE_KINDS) ? SANDBOX_PROBE_KINDS : PROBE_KINDS;
}
