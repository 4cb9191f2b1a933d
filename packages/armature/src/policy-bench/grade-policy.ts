import { RowFault } from "../data/row-fields.ts";
import { ConfigError } from "../errors.ts";
import type { RubricJudge } from "../judge/rubric-judge.ts";
import { mapConcurrently } from "../llm/map-concurrently.ts";
import type { AnswerSource, PolicyAnswer } from "./answer-source.ts";
import type { Grade, PolicyTask } from "./policy-suite.ts";

/** A task with what was answered, and the grade of an answer. */
export interface GradedTask {
  readonly task: PolicyTask;
  readonly answer: PolicyAnswer;
  readonly grade: Grade | null;
}

/** How many at once, and who may end it. */
export interface GradingOptions {
  readonly concurrency: number;
  readonly signal?: AbortSignal;
  readonly onGraded?: (graded: GradedTask) => void;
}

/**
 * Answers and grades every task, each as soon as its answer is there. Failures of models are data; rejects where it was
 * aborted, and with `ConfigError` where a response needs a judge and there is none.
 */
export async function gradePolicy(
  tasks: readonly PolicyTask[],
  source: AnswerSource,
  judge: RubricJudge | null,
  { concurrency, signal, onGraded }: GradingOptions,
): Promise<readonly GradedTask[]> {
  return mapConcurrently(
    tasks,
    async (task, _, own) => {
      const answer = await source.answer(task, own);
      return { task, answer, grade: answer.status === "answered" ? await gradeOf(answer) : null };

      async function gradeOf({ response }: PolicyAnswer & { status: "answered" }): Promise<Grade> {
        try {
          return await task.grade(response, judge, own);
        } catch (error) {
          if (!(error instanceof RowFault)) throw error;
          throw new ConfigError(`${error.message}; a judge has to give them: name one with --judge`);
        }
      }
    },
    {
      concurrency,
      ...(signal !== undefined && { signal }),
      ...(onGraded !== undefined && { onResult: onGraded }),
    },
  );
}
