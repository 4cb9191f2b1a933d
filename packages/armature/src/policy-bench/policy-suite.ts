import type { Prompt } from "../data/prompt.ts";
import type { JsonlRow } from "../data/read-jsonl.ts";
import type { FailureKind } from "../failure.ts";
import type { RubricJudge } from "../judge/rubric-judge.ts";
import type { LanguageModel } from "../llm/language-model.ts";
import type { RubricResponse } from "../rubric/rubric-item.ts";
import type { NumberFormat } from "../run/report.ts";

/** What a graded response adds to a measure: to the whole (`group` null) or to one of its groups. */
export interface Mark {
  readonly measure: string;
  readonly group: string | null;
  readonly value: number;
}

/** What was found in a response. */
export interface Grade {
  /** Empty where nothing could be measured; such a response is left out and counted. */
  readonly marks: readonly Mark[];
  /** What the grader read, in a line: "B, right", "2 of 3 instructions". */
  readonly note: string;
  /** Why no answer could be read although there is a response; its marks say wrong. */
  readonly unreadable?: string;
  /** Verdicts of a judge that are missing, by their reasons; the marks are of the others. */
  readonly failedVerdicts?: readonly FailureKind[];
}

/** One question to a policy in one run. */
export interface PolicyTask {
  /** Unique in a suite: the question's id, and `#2` and so on for further runs. */
  readonly id: string;
  /** The same in every run; intervals draw questions, not responses. */
  readonly question: string;
  readonly run: number;
  /** The suite's own kind of question, for `--subset`. */
  readonly subset: string;
  readonly prompt: Prompt;
  /** Responses that the suite's own file holds. */
  readonly given: readonly RubricResponse[];
  readonly source: { readonly file: string; readonly line: number };
  /** `judge` is null for suites that need none, and where the response brings its verdicts. Rejects only where aborted. */
  grade(response: RubricResponse, judge: RubricJudge | null, signal?: AbortSignal): Promise<Grade> | Grade;
}

/** A number that a suite reports. */
export interface Measure {
  readonly name: string;
  readonly label: string;
  readonly format: NumberFormat;
  /** `marks`: mean of all marks. `groups`: plain mean of the groups' means. */
  readonly over: "marks" | "groups";
  /** Bounds that the mean is clipped to, as HealthBench does; single responses are not. */
  readonly clip?: readonly [low: number, high: number];
}

/** How a run of a suite reads its rows. */
export interface TaskReading {
  readonly run: number;
  /** Of permuted options. */
  readonly seed: number;
}

/** A published benchmark of policies. */
export interface PolicySuite {
  readonly name: string;
  readonly title: string;
  /** Usual places of its files below a folder of data; empty where they must be named. */
  readonly files: readonly string[];
  /** Longest response in tokens, where the user says nothing. */
  readonly maxTokens: number;
  /** True where each run asks differently, so that several greedy runs make sense. */
  readonly runsDiffer: boolean;
  /** True where the authors ask that no example is published in plain text: results and reports name questions by id alone. */
  readonly unquoted?: boolean;
  /** In the order of a report, the most important first. */
  readonly measures: readonly Measure[];
  /** Tasks of a row, usually one. Throws `RowFault`. */
  read(row: JsonlRow, reading: TaskReading): readonly PolicyTask[];
  /** The judge that a model becomes; absent for suites that are graded by program. */
  readonly judge?: (model: LanguageModel) => RubricJudge;
}
