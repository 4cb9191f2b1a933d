import { finishingCalls } from "../../llm/finishing-calls.ts";
import type { LanguageModel } from "../../llm/language-model.ts";
import { openLanguageModels } from "../../llm/open-language-model.ts";
import { usageLine } from "../../llm/usage-report.ts";
import { INTERRUPTED_EXIT_CODE, Interruption } from "../../run/interruption.ts";
import { progressOn, SILENT_PROGRESS } from "../../run/progress.ts";
import type { CommandContext, CommonOptions } from "../command.ts";
import { type LanguageModelOptions, languageModelSettings } from "../language-model-options.ts";

/** What an evaluation works with while its models are open. */
export interface EvaluatingSession {
  /** In the order of the specs. */
  readonly models: readonly LanguageModel[];
  readonly signal: AbortSignal;
  /** Most tasks under way: enough to keep as many calls under way as the models allow. */
  readonly concurrency: number;
  /** One more is done. `failed` counts what has no result. */
  done(failed: boolean): void;
}

/** Which models are opened for how much work, and where their answers are logged (null: nowhere). */
export interface EvaluatingWork {
  readonly specs: readonly string[];
  readonly total: number;
  readonly log: string | null;
}

const TASKS_UNDER_WAY = 64;

/**
 * Opens the models (none where there are no specs) and does the work. Ctrl-C waits for the calls under way, whose answers
 * stand in the log, and the same command goes on from there; the result is then null and the exit code says so.
 */
export async function evaluatingSession<R>(
  { specs, total, log }: EvaluatingWork,
  options: CommonOptions & LanguageModelOptions,
  context: CommandContext,
  work: (session: EvaluatingSession) => Promise<R>,
): Promise<R | null> {
  const { terminal } = context;
  const opened =
    specs.length === 0
      ? null
      : await openLanguageModels(specs, languageModelSettings(options, terminal, log));
  const progress = options.json ? SILENT_PROGRESS : progressOn(terminal.stderr);
  const interruption = new Interruption((line) => progress.say(line));
  let done = 0;
  let failures = 0;
  try {
    const result = await work({
      models: (opened?.models ?? []).map(finishingCalls),
      signal: interruption.signal,
      concurrency: options.concurrency ?? TASKS_UNDER_WAY,
      done(failed) {
        done++;
        if (failed) failures++;
        const cost = opened?.usage().total.usage.costUsd ?? 0;
        const metrics = { ...(cost > 0 && { "cost in $": cost }), ...(failures > 0 && { failed: failures }) };
        progress.update({ phase: "evaluating", done, total, metrics });
      },
    });
    progress.end();
    if (opened !== null && !options.json) terminal.stderr.write(`${usageLine(opened.usage())}\n`);
    return result;
  } catch (error) {
    if (!interruption.stopRequested) throw error;
    progress.end();
    context.exitCode = INTERRUPTED_EXIT_CODE;
    const kept = options.cache !== false && (options.cache !== undefined || log !== null);
    terminal.stderr.write(
      `stopped: ${done} of ${total} are done; ${kept ? "run the same command again to go on" : "with --out or --cache the answers would be kept"}\n`,
    );
    return null;
  } finally {
    progress.end();
    interruption.dispose();
    await opened?.close();
  }
}
