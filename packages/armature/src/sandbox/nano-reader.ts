import type { Sampler } from "@armature/tinker";
import { DataError } from "../errors.ts";
import type { CriterionVerdict } from "../judge/criterion-verdict.ts";
import type { JudgeTask } from "../judge/rubric-judge.ts";
import { nanoDialect } from "./nano-dialect.ts";
import { criterionOf, type NoteReader } from "./note-reader.ts";
import { rubricText } from "./rubric-language.ts";

/** Tasks per call of the sampler. */
const TASKS_PER_CALL = 512;

/**
 * The verdicts of a pairwise judge of the sandbox, read out of its greedy transcript. The response is shown beside itself, so
 * that its verdicts hang on no other text and on no position: a criterion's value is the mean of the two verdicts that the
 * judge states on it, ½ where it contradicts itself. All criteria fail together where the transcript breaks the form, or the
 * response holds words that the judge does not read.
 */
export function nanoReader(judge: Sampler, name: string): NoteReader {
  return {
    id: `nano judge (${name})`,
    read: async (tasks) => {
      const verdicts: (readonly CriterionVerdict[])[] = [];
      for (let first = 0; first < tasks.length; first += TASKS_PER_CALL)
        verdicts.push(...(await readSome(judge, tasks.slice(first, first + TASKS_PER_CALL))));
      return verdicts;
    },
  };
}

async function readSome(
  judge: Sampler,
  tasks: readonly JudgeTask[],
): Promise<readonly (readonly CriterionVerdict[])[]> {
  const { decode, stop, maxTokens } = nanoDialect.judge;
  const questions = tasks.map(questionOf);
  const asked = questions.flatMap(({ prompt }) => (prompt === null ? [] : [prompt]));
  const results = await judge.sampleMany(
    asked.map((prompt) => ({ prompt, options: { maxTokens, stop, temperature: 0 } })),
  ).result;
  let next = 0;
  return questions.map(({ rubric, count, prompt, fault }) => {
    if (prompt === null) return failed(count, fault);
    const text = decode(results[next++]!.sequences[0]!.tokens);
    const { verdicts, formatFault } = nanoDialect.readJudgement(text, rubric);
    if (verdicts === undefined) return failed(count, formatFault ?? "no verdicts");
    return verdicts.A.map((first, i): CriterionVerdict => {
      const value = (Number(first) + Number(verdicts.B[i])) / 2;
      return { status: "scored", value, reason: null };
    });
  });
}

/** Throws `RangeError` for a rubric of more lines than the judge reads. */
function questionOf({ prompt, response, rubric }: JudgeTask) {
  const text = rubricText(rubric.criteria.map((criterion) => criterionOf(criterion.text)));
  const count = rubric.criteria.length;
  try {
    const tokens = nanoDialect.judgePrompt(prompt, response, response, text);
    return { rubric: text, count, prompt: tokens, fault: "" };
  } catch (error) {
    if (!DataError.isInstance(error)) throw error;
    return { rubric: text, count, prompt: null, fault: error.message };
  }
}

function failed(count: number, detail: string): CriterionVerdict[] {
  return Array.from({ length: count }, () => ({ status: "failed", kind: "parse", detail }));
}
