import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { readPreferencePairs } from "../../data/preference-pairs.ts";
import type { PreferencePair } from "../../data/prompt.ts";
import { readRows } from "../../data/read-rows.ts";
import { RowFault } from "../../data/row-fields.ts";
import { ConfigError, DataError } from "../../errors.ts";
import { judgePairsByLanguageModel } from "../../judge/pairwise-language-judge.ts";
import { addUsage, NO_USAGE } from "../../llm/language-model.ts";
import { usageLine } from "../../llm/usage-report.ts";
import { armTextOf } from "../../rubric/arm-text-of.ts";
import { durationText } from "../../run/progress.ts";
import type { CommandContext } from "../command.ts";
import type { JudgingOptions } from "./judging-options.ts";
import { judgingSession } from "./judging-session.ts";
import { countOutcomes, outcomeLine, verdictRow } from "./pair-rows.ts";
import { readRubricMap, rubricTextOfValue } from "./rubric-map.ts";

const NOT_FOR_PAIRS = [
  "criteriaPerCall",
  "aggregate",
  "minCoverage",
  "panel",
  "rejudge",
  "responseField",
  "referenceField",
] as const satisfies readonly (keyof JudgingOptions)[];

/** `armature judge PAIRS --model … --mode pairwise`: which response of each pair is better by its rubric. */
export async function judgePairRows(
  file: string,
  options: JudgingOptions,
  context: CommandContext,
): Promise<void> {
  const { cwd } = context.terminal;
  const misplaced = NOT_FOR_PAIRS.find((name) => options[name] !== undefined);
  if (misplaced !== undefined)
    throw new ConfigError(
      `--${misplaced.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} has no meaning in mode pairwise; leave it out`,
    );
  if ((options.model ?? []).length > 1)
    throw new ConfigError("mode pairwise takes one --model; raise --votes for more judgements");
  const path = resolve(cwd, file);
  const { pairs } = await readPreferencePairs([path], options.badRows);
  const rubrics = await rubricTexts(path, pairs, options, cwd);
  const { votes, seed, order: orders, temperature = votes > 1 ? 1 : 0 } = options;
  const total = pairs.length * (orders === "both" ? 2 : 1);
  await judgingSession(total, options, context, async (session) => {
    const outcomes = await judgePairsByLanguageModel({
      ...{ model: session.models[0]!, pairs, rubrics, orders, votes, temperature, seed },
      ...(options.maxTokens !== undefined && { maxTokens: options.maxTokens }),
      ...(options.furtherTries !== undefined && { furtherTries: options.furtherTries }),
      concurrency: session.concurrency,
      signal: session.signal,
      onOutcome: ({ verdict }) => session.done([verdict]),
    });
    const counts = countOutcomes(outcomes);
    const usage = session.usage();
    return {
      rows: outcomes.map((outcome) => ({ ...verdictRow(outcome, pairs), usage: outcome.usage })),
      summary: {
        ...counts,
        usage,
        judged: outcomes.reduce((sum, one) => addUsage(sum, one.usage), NO_USAGE),
        seconds: session.seconds(),
      },
      lines: `${outcomeLine(counts)}\nmodels: ${usageLine(usage)}\ntime: ${durationText(session.seconds())}`,
    };
  });
}

/** Rubric texts by prompt id: of --rubric, of --rubrics, or of the pairs' own rows. */
async function rubricTexts(
  path: string,
  pairs: readonly PreferencePair[],
  { rubric, rubrics }: JudgingOptions,
  cwd: string,
): Promise<ReadonlyMap<string, string>> {
  if (rubric !== undefined) {
    const text = readFileSync(resolve(cwd, rubric), "utf8").trim();
    return new Map(pairs.map((pair) => [pair.prompt.id, text]));
  }
  if (rubrics !== undefined) {
    const known = await readRubricMap(resolve(cwd, rubrics));
    return new Map(
      pairs.map(({ prompt, source }) => {
        const found = known.get(prompt);
        if (found !== undefined) return [prompt.id, armTextOf(found.rubric)];
        throw new DataError(`${path}:${source?.line}: its prompt has no rubric in ${rubrics}; add one`);
      }),
    );
  }
  return rowRubrics(path, pairs);
}

async function rowRubrics(
  path: string,
  pairs: readonly PreferencePair[],
): Promise<ReadonlyMap<string, string>> {
  const promptOf = new Map(pairs.map(({ prompt, source }) => [source?.line, prompt.id]));
  const texts = new Map<string, string>();
  for await (const { line, value } of readRows(path)) {
    const promptId = promptOf.get(line);
    if (promptId === undefined) continue;
    try {
      const text = rubricTextOfValue(value["rubric"]);
      if ((texts.get(promptId) ?? text) !== text)
        throw new RowFault("bad-rubric", "rubric", "is another than an earlier row has for the same prompt");
      texts.set(promptId, text);
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      throw new DataError(`${path}:${line}: ${error.message}`);
    }
  }
  return texts;
}
