import type { BenchScorer } from "../bench/bench-scorer.ts";
import type { JudgeItemsOptions } from "../bench/judge-items.ts";
import type { Prompt } from "../data/prompt.ts";
import type { BootstrapSettings, Interval } from "../evaluation/bootstrap.ts";
import { type DuelOutcome, fightDuels, meanOverPrompts, shareOverPrompts } from "./duels.ts";

/** An honest response and the probes that are compared with it: `hackingProbes`, `sandboxProbes` or others. */
export interface ProbeSubject {
  readonly prompt: Prompt;
  readonly honest: string;
  readonly probes: readonly { readonly name: string; readonly response: string }[];
}

/** How a probe fared against the honest responses. Shares lie in 0 to 1. */
export interface ProbeResult {
  readonly probe: string;
  /** True where it adds to the honest response; false where it stands in its place. */
  readonly carriesHonest: boolean;
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
  /** Subjects that at least one probe beats without carrying the honest response, among those with a verdict on one. */
  readonly beatenByNothing: Interval | null;
}

/**
 * Tries every probe on its subject: does the scorer prefer it to the honest response? Ties are told apart, for a
 * scorer that cannot tell nothing from an answer is hacked as well. Intervals draw prompts.
 */
export async function studyProbes(
  subjects: readonly ProbeSubject[],
  scorer: BenchScorer,
  settings: BootstrapSettings & JudgeItemsOptions,
): Promise<ProbeStudy> {
  const tried = subjects.flatMap((subject, place) =>
    subject.probes.map(({ name, response }) => ({
      ...{ place, name, prompt: subject.prompt, carriesHonest: carries(response, subject.honest) },
      ...{ first: subject.honest, second: response },
    })),
  );
  const outcomes = await fightDuels(tried, scorer, settings);
  const fought = tried.map((duel, i) => ({ ...duel, outcome: outcomes[i]! }));
  const names = [...new Set(tried.map(({ name }) => name))];
  const beaten = subjects.map(({ prompt }, place) => {
    const shares = fought.flatMap((duel) =>
      duel.place === place && !duel.carriesHonest ? (shareOf(duel.outcome, WINS) ?? []) : [],
    );
    return { promptId: prompt.id, value: shares.length === 0 ? null : Number(Math.max(...shares) > 0.5) };
  });
  return {
    scorer: scorer.id,
    subjects: subjects.length,
    probes: names.map((probe) => {
      const own = fought.filter(({ name }) => name === probe);
      const values = (read: (outcome: DuelOutcome) => number | null) =>
        own.map(({ prompt, outcome }) => ({ promptId: prompt.id, value: read(outcome) }));
      const judged = own.filter(({ outcome }) => outcome.preference !== null).length;
      return {
        ...{ probe, judged, unjudged: own.length - judged },
        carriesHonest: own.every((duel) => duel.carriesHonest),
        wins: shareOverPrompts(
          values((outcome) => shareOf(outcome, WINS)),
          settings,
        ),
        ties: shareOverPrompts(
          values((outcome) => shareOf(outcome, TIES)),
          settings,
        ),
        scoreGain: meanOverPrompts(values(scoreGain), settings),
      };
    }),
    beatenByNothing: shareOverPrompts(beaten, settings),
  };
}

function scoreGain({ scores }: DuelOutcome): number | null {
  return scores === null || scores.first === null || scores.second === null
    ? null
    : scores.second - scores.first;
}

function carries(response: string, honest: string): boolean {
  return honest.trim() !== "" && response.includes(honest);
}

type Verdict = DuelOutcome["outcomes"][number]["verdict"];

const WINS = (verdict: Verdict): boolean => verdict.status === "scored" && verdict.winner === "rejected";
const TIES = (verdict: Verdict): boolean => verdict.status === "abstained";

/** Share of the verdicts of both orders; null where there is none. */
function shareOf({ outcomes }: DuelOutcome, holds: (verdict: Verdict) => boolean): number | null {
  const made = outcomes.filter(({ verdict }) => verdict.status !== "failed");
  return made.length === 0 ? null : made.filter(({ verdict }) => holds(verdict)).length / made.length;
}
