import { checkVariance, type Identity, type VarianceCheck } from "./variance-identities.ts";
import {
  type CycleOutcome,
  cycleOutcome,
  judgeBlockVariance,
  SCHEDULES,
  type Schedule,
} from "./variance-schedules.ts";
import { randomToy, toyScores } from "./variance-toy.ts";

/** How random toys are studied. */
export interface VarianceSettings {
  readonly seed: number;
  readonly toys: number;
  /** Step size of the updates in a cycle; default 0.5. */
  readonly step?: number;
  /** Judgements of each half of a cycle; default 2. Draws grow as rubrics^(2 · judgements). */
  readonly judgements?: number;
}

/** A toy at which the theorem's claim is false, with what the assumption said there. */
export interface CounterExample {
  readonly toy: number;
  readonly generatorVariance: number;
  readonly meanJudgeVariance: number;
  readonly c1: number | null;
  readonly rubrics: number;
  /** Rubrics at which the assumption holds. */
  readonly assumptionHolds: number;
}

/** What a schedule does in one cycle, over all toys. */
export interface ScheduleResult {
  readonly schedule: Schedule;
  /** Judgements a cycle costs. */
  readonly judgements: number;
  /** Mean over toys of E[J after] − J before, and of the standard deviation of J after. */
  readonly meanImprovement: number;
  readonly meanDeviation: number;
  /** Share of toys where it improves most among the schedules of the same cost; null where it has no rival. */
  readonly bestShare: number | null;
}

/** Section 5 of Rubric-ARM on random toys, and what it leaves open. */
export interface VarianceStudy {
  readonly toys: number;
  readonly seed: number;
  /** Values of formulas compared with enumeration, those that differ by more than 1e-9 of their size, the largest such difference. */
  readonly identities: {
    readonly compared: number;
    readonly violations: number;
    readonly largestDifference: number;
  };
  readonly assumption: {
    /** Toys at which it holds for every rubric, and those of them at which the theorem does. */
    readonly holds: number;
    readonly theoremWhereItHolds: number;
    /** Toys at which it fails for at least one rubric, and those of them at which the theorem's claim is true all the same. */
    readonly fails: number;
    readonly theoremWhereItFails: number;
    /** Rubrics of all toys, and those at which it holds. */
    readonly rubrics: number;
    readonly holdsAtRubrics: number;
    /** Smallest and largest C₁ found. */
    readonly c1: readonly [number, number];
  };
  /** The five toys at which the judge's gradient varies most beyond the generator's. */
  readonly counterExamples: readonly CounterExample[];
  /** Medians over toys, relative to the variance of one judgement of a fresh rubric. */
  readonly judgeBlock: readonly {
    readonly judgements: number;
    readonly frozenGiven: number;
    readonly frozen: number;
    readonly fresh: number;
  }[];
  readonly step: number;
  readonly schedules: readonly ScheduleResult[];
}

const TOLERANCE = 1e-9;
const BATCHES = [1, 4, 7, 32];

/** Checks the theory at each toy by exact enumeration, and compares schedules of updates there. Seeded; nothing is sampled. */
export function studyVariance(settings: VarianceSettings): VarianceStudy {
  const { seed, toys: count, step = 0.5, judgements = 2 } = settings;
  const toys = Array.from({ length: count }, (_, i) => randomToy(seed, i));
  const checks = toys.map((toy) => checkVariance(toyScores(toy)));
  const differences = checks.flatMap((check) => identitiesOf(check).map(relativeDifference));
  const held = checks.filter(({ assumption }) => assumption);
  const failed = checks.filter(({ assumption }) => !assumption);
  const ratios = checks.flatMap((check) => check.ratios);
  const c1 = checks.flatMap((check) => (check.c1 === null ? [] : [check.c1]));
  const single = toys.map((toy) => judgeBlockVariance(toy, 1).fresh);
  const cycles = toys.map((toy) =>
    SCHEDULES.map((schedule) => cycleOutcome(toy, schedule, step, judgements)),
  );
  return {
    toys: count,
    seed,
    identities: {
      compared: differences.length,
      violations: differences.filter((difference) => !(difference <= TOLERANCE)).length,
      largestDifference: differences.reduce((a, b) => Math.max(a, b)),
    },
    assumption: {
      holds: held.length,
      theoremWhereItHolds: held.filter(({ theorem }) => theorem).length,
      fails: failed.length,
      theoremWhereItFails: failed.filter(({ theorem }) => theorem).length,
      rubrics: ratios.length,
      holdsAtRubrics: ratios.filter(({ ratio, threshold }) => ratio > threshold).length,
      c1: [c1.reduce((a, b) => Math.min(a, b)), c1.reduce((a, b) => Math.max(a, b))],
    },
    counterExamples: counterExamples(checks),
    judgeBlock: BATCHES.map((batch) => {
      const blocks = toys.map((toy) => judgeBlockVariance(toy, batch));
      const middle = (key: "frozenGiven" | "frozen" | "fresh") =>
        median(blocks.map((block, i) => block[key] / single[i]!));
      return {
        judgements: batch,
        frozenGiven: middle("frozenGiven"),
        frozen: middle("frozen"),
        fresh: middle("fresh"),
      };
    }),
    step,
    schedules: SCHEDULES.map((schedule, s) => scheduleResult(schedule, s, cycles, judgements)),
  };
}

function identitiesOf({ judge, generator, excess, meanJudge }: VarianceCheck): readonly SizedIdentity[] {
  return [
    ...judge.map((identity) => ({ ...identity, size: identity.formula })),
    { ...generator, size: generator.formula },
    // A difference of two variances is as exact as the larger one.
    { ...excess, size: Math.max(generator.formula, meanJudge) },
  ];
}

interface SizedIdentity extends Identity {
  readonly size: number;
}

/** Rounding of E‖g‖² − ‖E g‖² is relative to its terms, which are of the order of the largest gradient; 1e-6 stands below any. */
function relativeDifference({ formula, enumerated, size }: SizedIdentity): number {
  return Math.abs(formula - enumerated) / Math.max(size, 1e-6);
}

function counterExamples(checks: readonly VarianceCheck[]): readonly CounterExample[] {
  return checks
    .map((check, toy) => ({ check, toy }))
    .filter(({ check }) => !check.theorem)
    .sort((a, b) => a.check.excess.enumerated - b.check.excess.enumerated)
    .slice(0, 5)
    .map(({ check, toy }) => ({
      toy,
      generatorVariance: check.generator.enumerated,
      meanJudgeVariance: check.meanJudge,
      c1: check.c1,
      rubrics: check.ratios.length,
      assumptionHolds: check.ratios.filter(({ ratio, threshold }) => ratio > threshold).length,
    }));
}

/** The last schedule costs half of the others and has no rival. */
function scheduleResult(
  schedule: Schedule,
  index: number,
  cycles: readonly (readonly CycleOutcome[])[],
  judgements: number,
): ScheduleResult {
  const half = index === SCHEDULES.length - 1;
  const mean = (key: keyof CycleOutcome) =>
    cycles.reduce((sum, outcomes) => sum + outcomes[index]![key], 0) / cycles.length;
  const best = cycles.filter((outcomes) =>
    outcomes.slice(0, -1).every(({ improvement }) => improvement <= outcomes[index]!.improvement),
  );
  return {
    schedule,
    judgements: half ? judgements : 2 * judgements,
    meanImprovement: mean("improvement"),
    meanDeviation: mean("deviation"),
    bestShare: half ? null : best.length / cycles.length,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
