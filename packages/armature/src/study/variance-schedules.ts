import {
  squaredNorm,
  toyObjective,
  toyScores,
  type VarianceToy,
  type Vector,
  weightedSum,
} from "./variance-toy.ts";

/**
 * Variance of a judge gradient averaged over several judgements, by where its rubric comes from. The variance of one judgement
 * has a part inside rubrics, E_r[p(1 − p)‖u_j‖²], and one between them, Var_r(p·u_j): conditioned on a frozen rubric the second
 * is out of sight, but it does not average out over judgements of that one rubric.
 */
export interface JudgeBlockVariance {
  readonly judgements: number;
  /** One frozen rubric, taken as given: E_r̄[Var(ĝ | r̄)]. What theorem 5.5 compares. */
  readonly frozenGiven: number;
  /** One frozen rubric, its own draw counted. */
  readonly frozen: number;
  /** A fresh rubric for each judgement, as in simultaneous updates. */
  readonly fresh: number;
}

/** One cycle of updates from the toy's parameters, over every possible draw. */
export interface CycleOutcome {
  /** E[J after] − J before. */
  readonly improvement: number;
  /** Standard deviation of J after. */
  readonly deviation: number;
}

/** How the two players take turns in a cycle. */
export const SCHEDULES = [
  "judge-first",
  "generator-first",
  "simultaneous",
  "simultaneous, half the judgements",
] as const;
/** Name of a schedule. */
export type Schedule = (typeof SCHEDULES)[number];

/** The judge's block at `judgements` a batch. */
export function judgeBlockVariance(toy: VarianceToy, judgements: number): JudgeBlockVariance {
  const { rubricProbability, outcomeProbability, outcomeScore } = toyScores(toy);
  const p = outcomeProbability.map((outcomes) => outcomes[0]!);
  const score = outcomeScore.map((outcomes) => outcomes[0]!);
  const mean = weightedSum(
    rubricProbability.map((probability, r) => probability * p[r]!),
    score,
  );
  let [inside, between] = [0, -squaredNorm(mean)];
  for (const [r, probability] of rubricProbability.entries()) {
    inside += probability * p[r]! * (1 - p[r]!) * squaredNorm(score[r]!);
    between += probability * p[r]! ** 2 * squaredNorm(score[r]!);
  }
  return {
    judgements,
    frozenGiven: inside / judgements,
    frozen: inside / judgements + between,
    fresh: (inside + between) / judgements,
  };
}

/**
 * One cycle with plain REINFORCE ascent of step size `step`, by enumeration of all draws. In turn, the first player updates on
 * `judgements` judgements (the judge on those of one frozen rubric, the generator on one of each of its rubrics), then the
 * other on as many drawn from the changed pair. Simultaneous updates use the judgements of both halves (or of one) for both.
 */
export function cycleOutcome(
  toy: VarianceToy,
  schedule: Schedule,
  step: number,
  judgements: number,
): CycleOutcome {
  const start = [{ probability: 1, generator: toy.generator, judge: toy.judge }];
  const before = toyObjective(toy, toy.generator, toy.judge);
  const ends = PHASES[schedule](judgements).reduce<readonly Place[]>(
    (places, phase) => places.flatMap((place) => phase(toy, place, step)),
    start,
  );
  let [mean, square] = [0, 0];
  for (const { probability, generator, judge } of ends) {
    const change = toyObjective(toy, generator, judge) - before;
    mean += probability * change;
    square += probability * change ** 2;
  }
  return { improvement: mean, deviation: Math.sqrt(Math.max(0, square - mean ** 2)) };
}

/** Parameters that a cycle may have reached. */
interface Place {
  readonly probability: number;
  readonly generator: Vector;
  readonly judge: Vector;
}

type Phase = (toy: VarianceToy, place: Place, step: number) => readonly Place[];

const PHASES: Readonly<Record<Schedule, (judgements: number) => readonly Phase[]>> = {
  "judge-first": (judgements) => [frozenJudgePhase(judgements), freshPhase(judgements, ["generator"])],
  "generator-first": (judgements) => [freshPhase(judgements, ["generator"]), frozenJudgePhase(judgements)],
  simultaneous: (judgements) => [freshPhase(2 * judgements, ["generator", "judge"])],
  "simultaneous, half the judgements": (judgements) => [freshPhase(judgements, ["generator", "judge"])],
};

/** All judgements read one rubric. */
function frozenJudgePhase(judgements: number): Phase {
  return (toy, place, step) => {
    const { rubricProbability, outcomeProbability, outcomeScore } = toyScores(
      toy,
      place.generator,
      place.judge,
    );
    return rubricProbability.flatMap((probability, r) =>
      Array.from({ length: judgements + 1 }, (_, correct) => ({
        probability:
          place.probability * probability * binomial(judgements, correct, outcomeProbability[r]![0]!),
        generator: place.generator,
        judge: moved(place.judge, outcomeScore[r]![0]!, (step * correct) / judgements),
      })),
    );
  };
}

/** Every judgement reads a rubric of its own. A wrong one moves nothing, so that only the rubrics of correct ones matter. */
function freshPhase(judgements: number, players: readonly ("generator" | "judge")[]): Phase {
  return (toy, place, step) => {
    const { rubricProbability, outcomeProbability, rubricScore, outcomeScore } = toyScores(
      toy,
      place.generator,
      place.judge,
    );
    const correct = rubricProbability.map((probability, r) => probability * outcomeProbability[r]![0]!);
    const wrong = 1 - correct.reduce((a, b) => a + b);
    const size = step / judgements;
    let places: readonly Place[] = [place];
    for (let i = 0; i < judgements; i++) {
      places = places.flatMap((one) => [
        { ...one, probability: one.probability * wrong },
        ...correct.map((probability, r) => ({
          probability: one.probability * probability,
          generator: players.includes("generator")
            ? moved(one.generator, rubricScore[r]!, size)
            : one.generator,
          judge: players.includes("judge") ? moved(one.judge, outcomeScore[r]![0]!, size) : one.judge,
        })),
      ]);
    }
    return places;
  };
}

function moved(parameters: Vector, direction: Vector, size: number): Vector {
  return parameters.map((value, k) => value + size * direction[k]!);
}

function binomial(n: number, k: number, p: number): number {
  let ways = 1;
  for (let i = 0; i < k; i++) ways = (ways * (n - i)) / (i + 1);
  return ways * p ** k * (1 - p) ** (n - k);
}
