import { readFileSync } from "node:fs";
import { ConfigError, DataError } from "../errors.ts";
import {
  type BootstrapSettings,
  bootstrapDifference,
  bootstrapDifferencePValue,
  type Interval,
} from "../evaluation/bootstrap.ts";
import type { PolicyResult, PolicyRow } from "./policy-result.ts";

/** A measure of two policies on the questions that both have a value of. */
export interface MeasureDifference {
  readonly measure: string;
  readonly label: string;
  readonly questions: number;
  /** Means over questions, each question's own mean first. */
  readonly first: number;
  readonly second: number;
  /** second − first. */
  readonly difference: Interval;
  /** Two-sided, of the paired bootstrap. */
  readonly pValue: number;
}

/** A question on which two policies differ, by the suite's first measure. */
export interface DifferingQuestion {
  readonly question: string;
  readonly prompt: string | null;
  readonly first: number;
  readonly second: number;
}

/** Two policies on one suite, question by question; `result.json` is this object. */
export interface PolicyComparison {
  readonly suite: string;
  readonly first: string;
  readonly second: string;
  readonly seed: number;
  /** Questions with a value from one policy only, which no number counts. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly measures: readonly MeasureDifference[];
  /** Questions that differ, the largest gain of the second first. */
  readonly differing: readonly DifferingQuestion[];
}

/**
 * Compares two results of one suite on the questions that both answered. Differences are paired, which removes the variance that
 * a question gives to both. Throws `ConfigError` where the suites differ, `DataError` where no question is shared.
 */
export function comparePolicies(
  first: PolicyResult,
  second: PolicyResult,
  settings: BootstrapSettings,
): PolicyComparison {
  if (first.suite !== second.suite)
    throw new ConfigError(`${first.suite} and ${second.suite} cannot be compared; give results of one suite`);
  const questions = [...new Set([...first.rows, ...second.rows].map(({ question }) => question))];
  const measures = first.measures.flatMap(({ measure, label }): readonly MeasureDifference[] => {
    const [a, b] = [first, second].map(({ rows }) => valuesOf(rows, measure));
    const shared = questions.filter((question) => a!.has(question) && b!.has(question));
    const [before, after] = [a!, b!].map((values) => shared.map((question) => values.get(question)!));
    const difference = bootstrapDifference(before!, after!, settings);
    if (difference === null) return [];
    return [
      {
        ...{ measure, label, questions: shared.length, difference },
        first: mean(before!.map(mean)),
        second: mean(after!.map(mean)),
        pValue: bootstrapDifferencePValue(before!, after!, settings)!,
      },
    ];
  });
  if (measures.length === 0)
    throw new DataError(
      `${first.policy} and ${second.policy}: share no question of ${first.suite} with a value of both; evaluate the same files`,
    );
  const [main] = measures;
  const [a, b] = [first, second].map(({ rows }) => valuesOf(rows, main!.measure));
  const prompts = new Map([...second.rows, ...first.rows].map(({ question, prompt }) => [question, prompt]));
  return {
    ...{ suite: first.suite, first: first.policy, second: second.policy, seed: settings.seed },
    onlyFirst: questions.filter((question) => a!.has(question) && !b!.has(question)).length,
    onlySecond: questions.filter((question) => b!.has(question) && !a!.has(question)).length,
    measures,
    differing: questions
      .flatMap((question) => {
        const [own, other] = [a!.get(question), b!.get(question)];
        if (own === undefined || other === undefined || mean(own) === mean(other)) return [];
        return [{ question, prompt: prompts.get(question) ?? null, first: mean(own), second: mean(other) }];
      })
      .sort((one, other) => other.second - other.first - (one.second - one.first)),
  };
}

/** A result that `armature evaluate` wrote. Throws `DataError` where the file is none. */
export function readPolicyResult(file: string): PolicyResult {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined) throw error;
    throw new DataError(`${file}: is not JSON; give a result.json of armature evaluate`);
  }
  const result = value as Partial<PolicyResult> | null;
  const known = typeof result?.policy === "string" && Array.isArray(result.measures);
  if (!known || !Array.isArray(result.rows))
    throw new DataError(`${file}: is no result of armature evaluate; give its result.json`);
  return result as PolicyResult;
}

/** Values of a measure by question, one a run. */
function valuesOf(rows: readonly PolicyRow[], measure: string): ReadonlyMap<string, readonly number[]> {
  const values = new Map<string, number[]>();
  for (const { question, values: own } of rows) {
    const value = own[measure];
    if (value === undefined) continue;
    const before = values.get(question);
    if (before) before.push(value);
    else values.set(question, [value]);
  }
  return values;
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length;
