import { resolve } from "node:path";
import { SeededStream } from "@armature/engine";
import type { Command } from "commander";
import type { Prompt } from "../../data/prompt.ts";
import { ConfigError } from "../../errors.ts";
import { toJson } from "../../run/json-lines.ts";
import {
  type CommandContext,
  type CommonOptions,
  numberBetween,
  wholeNumber,
  withCommonOptions,
} from "../command.ts";
import { type ModelOptions, modelSource, withModelOptions } from "../model-source.ts";
import type { OpenModels } from "../operations.ts";
import { readPrompts, textPrompt } from "../read-prompts.ts";
import { rowOutput } from "../row-output.ts";

interface GenerateOptions extends CommonOptions, ModelOptions {
  readonly prompt?: string;
  readonly count: number;
  readonly temperature?: number;
  readonly seed: number;
  readonly out?: string;
}

interface RubricRow {
  readonly prompt: string;
  readonly rubric: string;
  /** Criteria, where the text is a rubric. */
  readonly criteria?: readonly { readonly text: string; readonly kind: string }[];
  /** Why the text is none. */
  readonly fault?: string;
}

export function define(command: Command, context: CommandContext): void {
  const example =
    'armature rubrics generate --run runs/quickstart --prompt "write to the boss about the lamp ."';
  withModelOptions(withCommonOptions(command, example))
    .argument("[prompts]", "prompts, JSONL or JSONL.gz")
    .option("--prompt <text>", "one prompt, in place of a file")
    .option("--count <n>", "rubrics per prompt", wholeNumber(1), 1)
    .option(
      "--temperature <t>",
      "of the generator (default: 0, or 1 with several rubrics)",
      numberBetween(0, Number.POSITIVE_INFINITY),
    )
    .option("--seed <n>", "of the sampling", wholeNumber(0), 0)
    .option("--out <file>", "write the rubrics to a JSONL file in place of stdout")
    .action((prompts: string | undefined, options: GenerateOptions) => generate(prompts, options, context));
}

async function generate(
  file: string | undefined,
  options: GenerateOptions,
  { terminal, operations }: CommandContext,
): Promise<void> {
  if ((file === undefined) === (options.prompt === undefined)) {
    throw new ConfigError("which prompts? give either a file or --prompt <text>");
  }
  const source = modelSource(options, terminal.cwd);
  const output = rowOutput(options.out, terminal);
  const prompts =
    file === undefined ? [textPrompt(options.prompt!)] : await readPrompts(resolve(terminal.cwd, file));
  const models = await (await operations.openModels())(source);
  try {
    const rows = await sampleRubrics(models, prompts, options);
    await output.write(rows);
    const faults = rows.filter((row) => row.fault !== undefined).length;
    if (options.out !== undefined && options.json) {
      terminal.stdout.write(`${toJson({ rubrics: rows.length, faults })}\n`);
    } else if (!options.json) {
      terminal.stderr.write(`${rows.length} rubrics, ${faults} not in the required form\n`);
    }
  } finally {
    await models.close();
  }
}

/** A prompt's rubrics depend on the seed and its text only, not on the other prompts of the file. */
async function sampleRubrics(
  { generator, dialect }: OpenModels,
  prompts: readonly Prompt[],
  { count, seed, temperature = count > 1 ? 1 : 0 }: GenerateOptions,
): Promise<readonly RubricRow[]> {
  const { maxTokens, stop, decode } = dialect.generator;
  const results = await generator.sampleMany(
    prompts.map((prompt) => ({
      prompt: dialect.generatorPrompt(prompt),
      options: {
        maxTokens,
        stop,
        temperature,
        numSamples: count,
        seed: new SeededStream(seed, "rubric", prompt.id).uint32(),
      },
    })),
  ).result;
  return prompts.flatMap((prompt, i) =>
    results[i]!.sequences.map(({ tokens }): RubricRow => {
      const rubric = decode(tokens);
      const reading = dialect.readRubric(rubric);
      const read = reading.ok ? { criteria: reading.rubric.criteria } : { fault: reading.fault };
      return { prompt: prompt.id, rubric, ...read };
    }),
  );
}
