import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { BenchScorer } from "../../bench/bench-scorer.ts";
import type { JudgeItemsOptions } from "../../bench/judge-items.ts";
import type { PromptRubric } from "../../bench/rubric-scorer.ts";
import type { Prompt } from "../../data/prompt.ts";
import { finishingCalls } from "../../llm/finishing-calls.ts";
import { openLanguageModels } from "../../llm/open-language-model.ts";
import type { UsageReport } from "../../llm/usage-report.ts";
import { armTextOf } from "../../rubric/arm-text-of.ts";
import { INTERRUPTED_EXIT_CODE, Interruption } from "../../run/interruption.ts";
import { toJson } from "../../run/json-lines.ts";
import { type Progress, progressOn, SILENT_PROGRESS } from "../../run/progress.ts";
import type { CommandContext } from "../command.ts";
import { countingModel, plannedLine } from "../judging/counting-model.ts";
import { scoringOf } from "../judging/judging-options.ts";
import { languageModelSettings } from "../language-model-options.ts";
import { languageScorer, trainedScorer } from "./open-scorer.ts";
import { checkRubricSource, modeOf, promptRubrics } from "./prompt-rubrics.ts";
import { PLAIN_SCORERS, refuseMisplaced, type ScorerOptions, scorerKind } from "./scorer-options.ts";

/** What a bench or a study works with while its scorer is open. */
export interface ScoringSession {
  readonly scorer: BenchScorer;
  /** The prompt's rubric, one criterion a line, where the scorer was given one; else empty. */
  rubricText(prompt: Prompt): string;
  /** Progress, Ctrl-C and how many responses are under way. */
  readonly judging: JudgeItemsOptions;
  /** What language models were asked so far; null where none is. */
  usage(): UsageReport | null;
  /** Seconds since the models were there: writing of rubrics and judging. */
  seconds(): number;
}

const ROWS_UNDER_WAY = 64;

/** @throws ConfigError for options that name no scorer, several, or one that cannot be. Call it before data are read. */
export function checkScorer(options: ScorerOptions): void {
  if (scorerKind(options) !== "language-model") return;
  refuseMisplaced(options);
  checkRubricSource(options);
  if (options.mode !== "pairwise") scoringOf(modeOf(options), options);
}

/**
 * Opens the scorer that the options name, does the work with it and gives everything back. `prompts` are all that will be
 * asked about: their rubrics are written first. Answers are logged in `folder` where there is one, so that the same command
 * goes on after Ctrl-C or a kill; Ctrl-C waits for the calls under way. A dry run counts what would be asked, prints it, and
 * reports nothing.
 */
export async function scoringSession<R>(
  options: ScorerOptions,
  context: CommandContext,
  { prompts, folder }: { readonly prompts: readonly Prompt[]; readonly folder: string | null },
  judge: (session: ScoringSession) => Promise<R>,
  report: (result: R, session: ScoringSession) => void,
): Promise<void> {
  checkScorer(options);
  const kind = scorerKind(options);
  if (options.dryRun === true) return dryRun(options, context, prompts, judge);
  if (folder !== null && kind !== "plain") mkdirSync(folder, { recursive: true });
  const progress = options.json ? SILENT_PROGRESS : progressOn(context.terminal.stderr);
  const interruption = new Interruption((line) => progress.say(line));
  const place = { prompts, folder, progress, signal: interruption.signal };
  let done = 0;
  const note = (count: number) => {
    done = count;
  };
  const work = async (session: ScoringSession) => {
    const result = await judge(session);
    progress.end();
    report(result, session);
  };
  try {
    if (kind === "plain") await withPlain(options, progress, interruption.signal, note, work);
    else if (kind === "trained") await withTrained(options, context, place, note, work);
    else await withLanguageModels(options, context, place, note, work);
  } catch (error) {
    if (!interruption.stopRequested) throw error;
    progress.end();
    context.exitCode = INTERRUPTED_EXIT_CODE;
    const kept = folder !== null || (typeof options.cache === "string" && kind === "language-model");
    context.terminal.stderr.write(
      `stopped after ${done}; ${kept ? "run the same command again to go on" : "with --out what was judged would be kept"}\n`,
    );
  } finally {
    progress.end();
    interruption.dispose();
  }
}

interface Place {
  readonly prompts: readonly Prompt[];
  readonly folder: string | null;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

type Note = (done: number) => void;
type Work = (session: ScoringSession) => Promise<void>;

async function withPlain(
  { scorer = "length", seed, scorerName }: ScorerOptions,
  progress: Progress,
  signal: AbortSignal,
  note: Note,
  work: Work,
): Promise<void> {
  const plain = PLAIN_SCORERS[scorer]!(seed);
  await work({
    scorer: named(plain, scorerName),
    judging: { signal, onProgress: drawing(progress, note, () => ({})) },
    rubricText: () => "",
    usage: () => null,
    seconds: stopwatch(),
  });
}

async function withTrained(
  options: ScorerOptions,
  { terminal, operations }: CommandContext,
  { folder, progress, signal }: Place,
  note: Note,
  work: Work,
): Promise<void> {
  const opened = await trainedScorer(options, { cwd: terminal.cwd, folder, signal }, operations);
  let finished = false;
  try {
    await work({
      scorer: named(opened.scorer, options.scorerName),
      judging: { signal, onProgress: drawing(progress, note, () => ({})) },
      rubricText: () => "",
      usage: () => null,
      seconds: stopwatch(),
    });
    finished = true;
  } finally {
    await opened.close(finished);
  }
}

async function withLanguageModels(
  options: ScorerOptions,
  { terminal }: CommandContext,
  { prompts, folder, progress, signal }: Place,
  note: Note,
  work: Work,
): Promise<void> {
  const specs = [...options.model!, ...(options.writerModel === undefined ? [] : [options.writerModel])];
  const log = folder === null ? null : join(folder, "answers.jsonl");
  const opened = await openLanguageModels(specs, languageModelSettings(options, terminal, log));
  const concurrency = options.concurrency ?? ROWS_UNDER_WAY;
  const seconds = stopwatch();
  try {
    const models = opened.models.map(finishingCalls);
    const metrics = () => {
      const { usage, failed } = opened.usage().total;
      const lost = Object.values(failed).reduce((sum, count) => sum + count, 0);
      return {
        ...(usage.costUsd !== null && usage.costUsd > 0 && { "cost in $": usage.costUsd }),
        ...(lost > 0 && { failed: lost }),
      };
    };
    const rubricOf = await promptRubrics(prompts, options, terminal.cwd, {
      writer: models.at(-1)!,
      concurrency,
      signal,
      onProgress: (done, total) => progress.update({ phase: "rubrics", done, total, metrics: metrics() }),
    });
    const judges = models.slice(0, options.model!.length);
    await work({
      scorer: named(languageScorer(judges, options, rubricOf, { signal, concurrency }), options.scorerName),
      judging: { signal, concurrency, onProgress: drawing(progress, note, metrics) },
      rubricText: (prompt) => rubricTextOf(rubricOf(prompt)),
      usage: () => opened.usage(),
      seconds,
    });
  } finally {
    await opened.close();
  }
}

async function dryRun(
  options: ScorerOptions,
  { terminal }: CommandContext,
  prompts: readonly Prompt[],
  judge: (session: ScoringSession) => Promise<unknown>,
): Promise<void> {
  const { model, planned } = countingModel();
  const signal = new AbortController().signal;
  const rubricOf = await promptRubrics(prompts, options, terminal.cwd, {
    ...{ writer: model, concurrency: 1, signal },
    onProgress: () => undefined,
  });
  const models = options.model!.map(() => model);
  const scorer = languageScorer(models, options, rubricOf, { signal, concurrency: 1 });
  await judge({
    scorer,
    rubricText: (prompt) => rubricTextOf(rubricOf(prompt)),
    judging: { concurrency: 1 },
    usage: () => null,
    seconds: () => 0,
  });
  const writes = options.rubricWriter !== undefined && options.rubricWriter !== "predefined";
  const note = writes ? "; judgements by rubrics still to be written are not counted" : "";
  terminal.stdout.write(options.json ? `${toJson(planned)}\n` : `${plannedLine(planned)}${note}\n`);
}

function rubricTextOf(rubric: PromptRubric): string {
  return rubric.status === "written" ? armTextOf(rubric.rubric) : "";
}

function drawing(
  progress: Progress,
  note: Note,
  metrics: () => Readonly<Record<string, number>>,
): (done: number, total: number) => void {
  return (done, total) => {
    note(done);
    progress.update({ phase: "judging", done, total, metrics: metrics() });
  };
}

function named(scorer: BenchScorer, name: string | undefined): BenchScorer {
  return name === undefined ? scorer : { ...scorer, id: name };
}

function stopwatch(): () => number {
  const start = performance.now();
  return () => (performance.now() - start) / 1000;
}
