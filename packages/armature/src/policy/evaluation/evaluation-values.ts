import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readRunRollouts } from "../../run/run-directory.ts";
import type { TrainingCurve } from "./over-optimisation.ts";
import type { EvaluatedResponse, PolicyEvaluation } from "./policy-evaluation.ts";

/** A line of `rollouts/evaluation.jsonl.gz`: a response of the evaluation after this many steps. */
export interface EvaluationRecord extends EvaluatedResponse {
  readonly step: number;
  /** Id of the prompt. */
  readonly prompt: string;
}

/** A number of a response; null where it has none. */
export type ResponseValue = (response: EvaluatedResponse) => number | null;

/** What is looked at in the sandbox, by name. Rewards of texts that are no notes are null, their win rates are not. */
export const RESPONSE_VALUES = {
  proxy: ({ reward }) => reward,
  trueReward: ({ truth }) => truth?.reward ?? null,
  winRate: ({ truth }) => truth?.winRate ?? null,
  rulesKept: ({ truth }) => truth?.rulesKept ?? null,
  validNotes: ({ truth }) => (truth === undefined ? null : Number(truth.reward !== null)),
  kl: ({ logRatio }) => logRatio,
} as const satisfies Readonly<Record<string, ResponseValue>>;

/** The mean of a number over a prompt's responses, prompts in the evaluation's order; null where none has it. */
export function promptMeans({ prompts }: PolicyEvaluation, pick: ResponseValue): (number | null)[] {
  return prompts.map(({ responses }) => mean(responses.map(pick)));
}

/** The evaluation that a finished policy run ended with. */
export function evaluationAfter(run: string): PolicyEvaluation {
  return JSON.parse(readFileSync(join(run, "evaluation-after.json"), "utf8")) as PolicyEvaluation;
}

/** A number over the evaluations of policy runs that differ by their seed only. All must have the same steps and prompts. */
export function curveOfRuns(runs: readonly string[], pick: ResponseValue): TrainingCurve {
  const byRun = runs.map((run) => {
    const records = readRunRollouts<EvaluationRecord>(run, "evaluation");
    const steps = [...new Set(records.map(({ step }) => step))];
    const prompts = [...new Set(records.map(({ prompt }) => prompt))];
    const places = new Map(prompts.map((prompt, i) => [prompt, i]));
    const points = steps.map(() => prompts.map((): (number | null)[] => []));
    for (const record of records)
      points[steps.indexOf(record.step)]![places.get(record.prompt)!]!.push(pick(record));
    return { steps, values: points.map((point) => point.map(mean)) };
  });
  return { x: byRun[0]!.steps, values: byRun.map(({ values }) => values) };
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
