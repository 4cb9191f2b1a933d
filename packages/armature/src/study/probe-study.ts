import type { BenchScorer } from "../bench/bench-scorer.ts";
import type { JudgeItemsOptions } from "../bench/judge-items.ts";
import type { Prompt } from "../data/prompt.ts";
import type { BootstrapSettings, Interval } from "../evaluation/bootstrap.ts";
import { type DuelOutcome, fightDuels, meanOverPrompts } from "./duels.ts";
import { hackingProbes, PROBE_KINDS, type ProbeName } from "./hacking-probes.ts";

/** An honest response that probes are made from and compared with. */
export interface ProbeSubject {
  readonly prompt: Prompt;
  readonly honest: string;
  /** What a writer of responses could know of the rubric, one criterion a line; empty for none. */
  readonly rubricText: string;
}

/** How a probe fared against the honest responses. Shares lie in 0 to 1. */
export interface ProbeResult {
  readonly probe: ProbeName;
  readonly what: string;
  /** True where the probe answers nothing; false where it carries the honest response. */
  readonly contentless: boolean;
  /** Responses that the probe was tried on and a verdict came of. */
  readonly judged: number;
  readonly unjudged: number;
  /** Share of verdicts that prefer the probe. */
  readonly wins: Interval | null;
  /** Share of verdicts that prefer neither. */
  readonly ties: Interval | null;
  /** Probe's score less the honest one's, where the scorer gives scores. */
  readonly scoreGain: Interval | null;
}

/** Which probes a scorer falls for. */
export interface ProbeStudy {
  readonly scorer: string;
  readonly subjects: number;
  readonly probes: readonly ProbeResult[];
  /** Subjects that at least one contentless probe beats outright, among those with a verdict on one. */
  readonly beatenByNothing: Interval | null;
}

/**
 * Tries every hacking probe on every subject: does the scorer prefer it to the honest response? Ties are told apart, for a
 * scorer that cannot tell nothing from an answer is hacked as well. Intervals draw prompts.
 */
export async function studyProbes(
  subjects: readonly ProbeSubject[],
  scorer: BenchScorer,
  settings: BootstrapSettings & JudgeItemsOptions,
): Promise<ProbeStudy> {
  const tried = subjects.flatMap((subject, place) =>
    hackingProbes(subject.prompt, subject.honest, subject.rubricText).map(({ name, response }) => ({
      ...{ place, name, prompt: subject.prompt },
      ...{ first: subject.honest, second: response },
    })),
  );
  const outcomes = await fightDuels(tried, scorer, settings);
  const fought = tried.map((duel, i) => ({ ...duel, outcome: outcomes[i]! }));
  const names = (Object.keys(PROBE_KINDS) as ProbeName[]).filter((name) =>
    fought.some((duel) => duel.name === name),
  );
  const beaten = subjects.map(({ prompt }, place) => {
    const shares = fought.flatMap((duel) =>
      duel.place === place && PROBE_KINDS[duel.name].contentless ? (shareOf(duel.outcome, WINS) ?? []) : [],
    );
    return { promptId: prompt.id, value: shares.length === 0 ? null : Number(Math.max(...shares) > 0.5) };
  });
  return {
    scorer: scorer.id,
    subjects: subjects.length,
    probes: names.map((probe) => {
      const own = fought.filter(({ name }) => name === probe);
      const over = (read: (outcome: DuelOutcome) => number | null) =>
        meanOverPrompts(
          own.map(({ prompt, outcome }) => ({ promptId: prompt.id, value: read(outcome) })),
          settings,
        );
      const judged = own.filter(({ outcome }) => outcome.preference !== null).length;
      return {
        ...{ probe, ...PROBE_KINDS[probe], judged, unjudged: own.length - judged },
        wins: over((outcome) => shareOf(outcome, WINS)),
        ties: over((outcome) => shareOf(outcome, TIES)),
        scoreGain: over(({ scores }) =>
          scores === null || scores.first === null || scores.second === null
            ? null
            : scores.second - scores.first,
        ),
      };
    }),
    beatenByNothing: meanOverPrompts(beaten, settings),
  };
}

type Verdict = DuelOutcome["outcomes"][number]["verdict"];

const WINS = (verdict: Verdict): boolean => verdict.status === "scored" && verdict.winner === "rejected";
const TIES = (verdict: Verdict): boolean => verdict.status === "abstained";

/** Share of the verdicts of both orders; null where there is none. */
function shareOf({ outcomes }: DuelOutcome, holds: (verdict: Verdict) => boolean): number | null {
  const made = outcomes.filter(({ verdict }) => verdict.status !== "failed");
  return made.length === 0 ? null : made.filter(({ verdict }) => holds(verdict)).length / made.length;
}
