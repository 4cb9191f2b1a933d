import type { ArmSettings } from "./arm-settings.ts";

/** One unit of work: small enough to be redone after a kill, large enough to be a batch. */
export type ArmStep =
  | {
      readonly kind: "judge" | "generator";
      readonly round: number;
      readonly pairs: readonly number[];
      readonly visit: number;
    }
  | { readonly kind: "evaluate"; readonly round: number; readonly after: "judge" | "generator" | "both" };

/**
 * The whole run as a list, so that a position in it is all that a resumed run needs. Pairs are split into disjoint parts,
 * one per round; within a round the judge learns on the part first, then the generator (Rubric-ARM, eqs. 9–11).
 */
export function armSchedule(settings: ArmSettings): readonly ArmStep[] {
  return Array.from({ length: settings.rounds }, (_, round) => {
    const judge = settings.trainJudge ? phase("judge", round, settings) : [];
    const generator = settings.trainGenerator ? phase("generator", round, settings) : [];
    const done = (after: "judge" | "generator" | "both"): ArmStep => ({ kind: "evaluate", round, after });
    if (settings.order === "simultaneous") return [...inTurn(judge, generator), done("both")];
    const phases = [
      ...(judge.length > 0 ? [[...judge, done("judge")]] : []),
      ...(generator.length > 0 ? [[...generator, done("generator")]] : []),
    ];
    return (settings.order === "judge-first" ? phases : phases.reverse()).flat();
  }).flat();
}

function phase(kind: "judge" | "generator", round: number, settings: ArmSettings): ArmStep[] {
  const { passes, pairsPerBatch } = settings[kind];
  const first = round * settings.pairsPerRound;
  const part = Array.from({ length: settings.pairsPerRound }, (_, i) => first + i);
  const batches = Array.from({ length: Math.ceil(part.length / pairsPerBatch) }, (_, b) =>
    part.slice(b * pairsPerBatch, (b + 1) * pairsPerBatch),
  );
  return Array.from({ length: passes }, (_, visit) =>
    batches.map((pairs) => ({ kind, round, pairs, visit })),
  ).flat();
}

/** Both lists in proportion: after each judge step as many generator steps as are due. */
function inTurn(judge: readonly ArmStep[], generator: readonly ArmStep[]): ArmStep[] {
  if (judge.length === 0) return [...generator];
  let given = 0;
  return judge.flatMap((step, i) => {
    const due = Math.round(((i + 1) * generator.length) / judge.length);
    const turn = [step, ...generator.slice(given, due)];
    given = due;
    return turn;
  });
}
