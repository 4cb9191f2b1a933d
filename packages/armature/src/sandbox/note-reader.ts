import { SeededStream } from "@armature/engine";
import { ConfigError, DataError } from "../errors.ts";
import type { CriterionVerdict } from "../judge/criterion-verdict.ts";
import type { JudgeTask, RubricJudge } from "../judge/rubric-judge.ts";
import { NO_USAGE } from "../llm/language-model.ts";
import { seemsTrue } from "./keyword-reading.ts";
import type { CriterionName } from "./lexicon.ts";
import { requestOf } from "./note-truth.ts";
import { writtenReward } from "./policy.ts";
import { criterionStated } from "./rubric-language.ts";
import { holds } from "./truth.ts";

/** Gives a verdict for each criterion of each task, many tasks at once. */
export interface NoteReader {
  /** Equal ids read alike. */
  readonly id: string;
  /** One list a task, in order; each in its rubric's order. Throws `DataError` for criteria that are none of the sandbox's. */
  read(tasks: readonly JudgeTask[]): Promise<readonly (readonly CriterionVerdict[])[]>;
}

/** How a program reads notes. */
export interface ProgramReading {
  /** True looks for phrases wherever they stand (`seemsTrue`); false reads by the grammar. Default false. */
  readonly keywords?: boolean;
  /** Chance that a verdict is turned round, 0 to ½. The same text gets the same wrong verdict whenever it is read. */
  readonly noise: number;
  readonly seed: number;
}

/**
 * A reader by program: true verdicts, each turned round with a stated chance. By the grammar, a text that is no note for its
 * request meets no criterion; by keywords it meets what its phrases say. The draws depend on seed, prompt, response and criterion only, so a policy can learn to please an error, as
 * with a trained judge.
 */
export function programReader({ keywords = false, noise, seed }: ProgramReading): NoteReader {
  if (!(noise >= 0 && noise <= 0.5))
    throw new ConfigError(`verdict noise is ${noise}; give a chance from 0 to 0.5`);
  const readTask = ({ prompt, response, rubric }: JudgeTask): CriterionVerdict[] => {
    const request = requestOf(prompt);
    const written = writtenReward(request, response);
    return rubric.criteria.map(({ text }) => {
      const name = criterionOf(text);
      const truth = keywords ? seemsTrue(name, request, response) : written.ok && holds(name, written.note);
      const turned =
        noise > 0 && new SeededStream(seed, "verdict noise", prompt.id, response, name).chance(noise);
      return { status: "scored", value: Number(truth !== turned), reason: null };
    });
  };
  return {
    id: `${keywords ? "keywords" : "program"}, noise ${noise}`,
    read: async (tasks) => tasks.map(readTask),
  };
}

/** The criterion of the sandbox that a statement is about. Throws `DataError` for any other statement. */
export function criterionOf(text: string): CriterionName {
  const name = criterionStated(text);
  if (name === null)
    throw new DataError(`criterion "${text}" is none of the sandbox; state it in the sandbox's words`);
  return name;
}

/** A reader as a judge of one response at a time. */
export function readerJudge(reader: NoteReader): RubricJudge {
  return {
    id: reader.id,
    judge: async (task) => ({
      verdicts: (await reader.read([task]))[0]!,
      rating: null,
      replies: [],
      usage: NO_USAGE,
    }),
  };
}
