import { writeRows } from "../../data/write-rows.ts";
import type { FailureKind } from "../../failure.ts";
import { finishingCalls } from "../../llm/finishing-calls.ts";
import type { LanguageModel } from "../../llm/language-model.ts";
import { openLanguageModels } from "../../llm/open-language-model.ts";
import type { UsageReport } from "../../llm/usage-report.ts";
import { INTERRUPTED_EXIT_CODE, Interruption } from "../../run/interruption.ts";
import { toJson, toJsonLines } from "../../run/json-lines.ts";
import { progressOn, SILENT_PROGRESS } from "../../run/progress.ts";
import type { CommandContext } from "../command.ts";
import { EXIT } from "../describe-error.ts";
import { jobFiles } from "../generation/job-files.ts";
import { languageModelSettings } from "../language-model-options.ts";
import { countingModel, plannedLine } from "./counting-model.ts";
import type { JudgingOptions } from "./judging-options.ts";

/** What a judging command works with while its models are open. */
export interface JudgingSession {
  readonly models: readonly LanguageModel[];
  readonly signal: AbortSignal;
  /** Most rows under way: enough to keep as many calls under way as the models allow. */
  readonly concurrency: number;
  /** Takes note of a row's verdicts, and draws the progress with cost and failures so far. */
  done(verdicts: readonly SomeVerdict[]): void;
  usage(): UsageReport;
  /** Seconds since the models were opened. */
  seconds(): number;
}

/** A verdict on a criterion, a response or a pair, as far as it tells of failures. */
export type SomeVerdict =
  | { readonly status: "scored" | "abstained" }
  | { readonly status: "failed"; readonly kind: FailureKind; readonly detail: string };

/** Rows that were judged, and what is printed about them. */
export interface JudgingResult {
  readonly rows: readonly object[];
  readonly summary: object;
  readonly lines: string;
}

const ROWS_UNDER_WAY = 64;

/**
 * Opens the models, judges, writes the rows and prints the summary. Ctrl-C waits for the calls under way, whose answers then
 * stand in the log (`--cache`, by default beside `--out`), and the same command goes on from there. A dry run only counts.
 * Where every verdict failed, the rows are written all the same and the exit code says so.
 */
export async function judgingSession(
  total: number,
  options: JudgingOptions,
  context: CommandContext,
  judge: (session: JudgingSession) => Promise<JudgingResult>,
): Promise<void> {
  const { terminal } = context;
  const files = options.out === undefined ? null : jobFiles(options.out, terminal.cwd);
  if (options.dryRun === true) return dryRun(options, context, judge);
  const opened = await openLanguageModels(
    options.model ?? [],
    languageModelSettings(options, terminal, files?.calls ?? null),
  );
  const progress = options.json ? SILENT_PROGRESS : progressOn(terminal.stderr);
  const interruption = new Interruption((line) => progress.say(line));
  const began = performance.now();
  let done = 0;
  let decided = 0;
  let failed = 0;
  const examples = new Map<FailureKind, string>();
  const note = (verdict: SomeVerdict): void => {
    if (verdict.status !== "failed") decided++;
    else {
      failed++;
      if (!examples.has(verdict.kind)) examples.set(verdict.kind, verdict.detail);
    }
  };
  const draw = (): void => {
    const cost = opened.usage().total.usage.costUsd;
    const metrics = {
      ...(cost !== null && cost > 0 && { "cost in $": cost }),
      ...(failed > 0 && { failed }),
    };
    progress.update({ phase: "judging", done, total, metrics });
  };
  try {
    const result = await judge({
      models: opened.models.map(finishingCalls),
      signal: interruption.signal,
      concurrency: options.concurrency ?? ROWS_UNDER_WAY,
      done: (verdicts) => {
        done++;
        for (const verdict of verdicts) note(verdict);
        draw();
      },
      usage: () => opened.usage(),
      seconds: () => (performance.now() - began) / 1000,
    });
    progress.end();
    if (files === null) terminal.stdout.write(toJsonLines(result.rows));
    else await writeRows(files.out, result.rows);
    if (files !== null && options.json) terminal.stdout.write(`${toJson(result.summary)}\n`);
    else if (!options.json) {
      const lines = [result.lines, ...[...examples].map(([kind, detail]) => `first ${kind}: ${detail}`)];
      terminal.stderr.write(`${lines.join("\n")}\n`);
    }
    if (decided === 0 && failed > 0) context.exitCode = EXIT.failed;
  } catch (error) {
    if (!interruption.stopRequested) throw error;
    progress.end();
    context.exitCode = INTERRUPTED_EXIT_CODE;
    const kept = options.cache === false || (options.cache === undefined && files === null);
    terminal.stderr.write(
      `stopped: ${done} of ${total} are judged; ${kept ? "with --cache or --out the answers would be kept" : "run the same command again to go on"}\n`,
    );
  } finally {
    progress.end();
    interruption.dispose();
    await opened.close();
  }
}

async function dryRun(
  options: JudgingOptions,
  { terminal }: CommandContext,
  judge: (session: JudgingSession) => Promise<JudgingResult>,
): Promise<void> {
  const { model, planned } = countingModel();
  await judge({
    models: (options.model ?? []).map(() => model),
    signal: new AbortController().signal,
    concurrency: 1,
    done: () => undefined,
    usage: () => ({ total: NOTHING, byPurpose: {} }),
    seconds: () => 0,
  });
  terminal.stdout.write(options.json ? `${toJson(planned)}\n` : `${plannedLine(planned)}\n`);
}

const NOTHING = {
  answered: 0,
  fromCache: 0,
  failed: {},
  usage: { calls: 0, promptTokens: 0, cachedPromptTokens: 0, completionTokens: 0, costUsd: 0 },
};
