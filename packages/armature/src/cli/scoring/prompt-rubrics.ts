import { resolve } from "node:path";
import type { PromptRubric } from "../../bench/rubric-scorer.ts";
import { lastUserTurn, type Prompt } from "../../data/prompt.ts";
import { ConfigError, DataError } from "../../errors.ts";
import { promptOnlyWriter } from "../../generate/generator-writer.ts";
import { initialWriter } from "../../generate/initial-writer.ts";
import type { JudgeMode } from "../../judge/judge-modes.ts";
import { PREDEFINED_RUBRIC } from "../../judge/predefined-rubric.ts";
import type { LanguageModel } from "../../llm/language-model.ts";
import { mapConcurrently } from "../../llm/map-concurrently.ts";
import { fixedRubric } from "../judging/response-rows.ts";
import { readRubricMap } from "../judging/rubric-map.ts";
import type { ScorerOptions } from "./scorer-options.ts";

/** Rubrics by prompt, for prompts that were named beforehand. */
export type RubricOf = (prompt: Prompt) => PromptRubric;

/** What writing rubrics needs beside the prompts. */
export interface RubricWriting {
  readonly writer: LanguageModel;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * The rubric of every prompt: one for all, of a file, or written now by a model. A prompt whose rubric could not be written has
 * a failure in its place.
 * @throws ConfigError where the options name no rubric, or several; DataError where a file lacks a prompt.
 */
export async function promptRubrics(
  prompts: readonly Prompt[],
  options: ScorerOptions,
  cwd: string,
  writing: RubricWriting,
): Promise<RubricOf> {
  checkRubricSource(options);
  const { rubric, rubrics, rubricWriter } = options;
  const fixed =
    rubricWriter === "predefined"
      ? PREDEFINED_RUBRIC
      : fixedRubric(modeOf(options), rubric === undefined ? null : resolve(cwd, rubric));
  if (fixed !== null) return () => ({ status: "written", rubric: fixed });
  if (rubrics !== undefined) {
    const known = await readRubricMap(resolve(cwd, rubrics));
    const without = prompts.filter((prompt) => known.get(prompt) === undefined);
    if (without.length > 0)
      throw new DataError(
        `${rubrics}: has no rubric for ${without.length} of ${prompts.length} prompts, the first is ${JSON.stringify(lastUserTurn(without[0]!).slice(0, 60))}; add them`,
      );
    return (prompt) => ({ status: "written", rubric: known.get(prompt)!.rubric });
  }
  const settings = { model: writing.writer, seed: options.seed };
  const writer = rubricWriter === "arm" ? promptOnlyWriter(settings) : initialWriter(settings);
  const distinct = [...new Map(prompts.map((prompt) => [prompt.id, prompt])).values()];
  let done = 0;
  const written = await mapConcurrently(
    distinct,
    (prompt, _, signal) => writer.write({ prompt }, { signal, purpose: "rubric" }),
    {
      concurrency: writing.concurrency,
      signal: writing.signal,
      onResult: () => writing.onProgress(++done, distinct.length),
    },
  );
  const byPrompt = new Map(distinct.map(({ id }, i) => [id, written[i]!]));
  return ({ id }) =>
    byPrompt.get(id) ?? { status: "failed", kind: "infrastructure", detail: "the prompt was not named" };
}

/** The mode of judging one response; pairs are read against the same rubrics as `criteria`. */
export function modeOf({ mode }: ScorerOptions): JudgeMode {
  return mode === undefined || mode === "pairwise" ? "criteria" : mode;
}

/** @throws ConfigError where a mode that reads a rubric is given none or several, or one that reads none is given one. */
export function checkRubricSource(options: ScorerOptions): void {
  const { rubric, rubrics, rubricWriter, writerModel } = options;
  const given = [
    ...(rubric === undefined ? [] : ["--rubric"]),
    ...(rubrics === undefined ? [] : ["--rubrics"]),
    ...(rubricWriter === undefined ? [] : ["--rubric-writer"]),
  ];
  const mode = options.mode ?? "criteria";
  if (mode === "likert" || mode === "predefined") {
    if (given.length > 0) throw new ConfigError(`mode ${mode} has no use for ${given[0]}; leave it out`);
  } else if (given.length === 0)
    throw new ConfigError(
      `which rubrics? mode ${mode} reads one; give --rubrics, --rubric or --rubric-writer, or take mode predefined or likert`,
    );
  if (given.length > 1) throw new ConfigError(`which rubrics? give one of ${given.join(" and ")}`);
  if (writerModel !== undefined && (rubricWriter === undefined || rubricWriter === "predefined"))
    throw new ConfigError(
      "--writer-model writes rubrics; give --rubric-writer arm or rtd-initial, or leave it out",
    );
}
