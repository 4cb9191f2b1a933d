import { resolve } from "node:path";
import { SeededStream } from "@armature/engine";
import { type Command, Option } from "commander";
import type { Prompt } from "../../data/prompt.ts";
import { readPrompts, textPrompt } from "../../data/read-prompts.ts";
import { ConfigError } from "../../errors.ts";
import { RAR_PRESETS, type RarPresetName } from "../../generate/rar-presets.ts";
import { toJson } from "../../run/json-lines.ts";
import { type CommandContext, numberBetween, wholeNumber, withCommonOptions } from "../command.ts";
import {
  type GenerationPlan,
  METHODS,
  needOf,
  plannedCalls,
  rubricJob,
} from "../generation/generate-rubrics.ts";
import { runGenerationJob } from "../generation/generation-job.ts";
import { type InputRows, readInputRows } from "../generation/input-rows.ts";
import { jobFiles } from "../generation/job-files.ts";
import { limited, printPlan, type RowJobOptions, withRowJobOptions } from "../generation/job-options.ts";
import { type ModelOptions, modelSource, withModelOptions } from "../model-source.ts";
import type { OpenModels } from "../operations.ts";
import { rowOutput } from "../row-output.ts";

interface GenerateOptions extends RowJobOptions, ModelOptions {
  readonly prompt?: string;
  readonly count: number;
  readonly temperature?: number;
  readonly seed: number;
  readonly method?: GenerationPlan["method"];
  readonly preset: RarPresetName;
  readonly referenceField?: string;
  readonly ranked?: boolean;
  readonly judgeModel?: string;
  /** False for --no-label-filter. */
  readonly labelFilter: boolean;
  readonly tau: number;
  readonly pairs?: string;
  readonly maxTokens?: number;
  readonly furtherTries?: number;
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
  const example = [
    'armature rubrics generate --run runs/quickstart --prompt "write to the boss about the lamp ."',
    "armature rubrics generate pairs.jsonl --method crg --model http://127.0.0.1:8000/v1 --model-name qwen3 --out rubrics.jsonl",
  ].join("\n  ");
  withRowJobOptions(withModelOptions(withCommonOptions(command, example)))
    .argument("[prompts]", "prompts, with references or ranked responses where the method reads them")
    .option("--prompt <text>", "one prompt, in place of a file")
    .addOption(
      new Option(
        "--method <name>",
        "with --model: rar (from a reference), crg (from ranked responses), rtd-initial or arm (from the prompt alone)",
      ).choices(METHODS),
    )
    .option("--count <n>", "rubrics per prompt, of a trained generator", wholeNumber(1), 1)
    .option(
      "--temperature <t>",
      "of the generator (default: 0, or 1 with several rubrics)",
      numberBetween(0, Number.POSITIVE_INFINITY),
    )
    .option("--seed <n>", "of the sampling", wholeNumber(0), 0)
    .addOption(
      new Option("--preset <name>", "field of a rar rubric")
        .choices(Object.keys(RAR_PRESETS))
        .default("general"),
    )
    .option("--reference-field <name>", "field that holds the reference answer")
    .option("--ranked", "crg: the list of responses is best first")
    .option("--judge-model <spec>", "crg: judges the pairs by the rubric (default: --model)")
    .option("--no-label-filter", "crg: keep rubrics that do not agree with the ranking")
    .option("--tau <share>", "crg: least share of right verdicts", numberBetween(0, 1), 0.5)
    .option("--pairs <file>", "crg: write the pairs that the label filter keeps")
    .option("--max-tokens <n>", "longest reply", wholeNumber(1))
    .option("--further-tries <n>", "for replies that cannot be read (default: 2)", wholeNumber(0))
    .option("--out <file>", "write the rubrics to a file in place of stdout")
    .action((prompts: string | undefined, options: GenerateOptions) =>
      options.model === undefined && options.method === undefined
        ? generate(prompts, options, context)
        : generateByLanguageModel(prompts, options, context),
    );
}

async function generateByLanguageModel(
  file: string | undefined,
  options: GenerateOptions,
  context: CommandContext,
): Promise<void> {
  const { terminal } = context;
  const plan = planOf(options, terminal.cwd);
  checkPromptGiven(file, options);
  if (file === undefined && plan.method === "crg")
    throw new ConfigError("--method crg compares responses; give a file of prompts with ranked responses");
  const input = limited(
    file === undefined
      ? promptRow(options.prompt!)
      : await readInputRows(resolve(terminal.cwd, file), {
          badRows: options.badRows,
          referenceField: options.referenceField,
          need: needOf(plan),
        }),
    options.limit,
  );
  if (options.dryRun) return printPlan(plannedCalls(plan, input.rows), input, options, terminal);
  await runGenerationJob(rubricJob(plan, input), options, context);
}

function planOf(options: GenerateOptions, cwd: string): GenerationPlan {
  const [model, ...others] = options.model ?? [];
  if (model === undefined) throw new ConfigError("which model writes the rubrics? give --model <spec>");
  if (others.length > 0) throw new ConfigError("one model writes the rubrics; give --model once");
  if (options.method === undefined)
    throw new ConfigError(`which method? give --method ${METHODS.join(", ")}`);
  for (const name of ["run", "recipe"] as const)
    if (options[name] !== undefined)
      throw new ConfigError(
        `--${name} names a trained generator, --model a language model; give one of them`,
      );
  if (options.pairs !== undefined && (options.method !== "crg" || !options.labelFilter))
    throw new ConfigError("--pairs writes what the label filter of --method crg keeps; leave it out");
  if (options.count > 1)
    throw new ConfigError("--count is for a trained generator; a language model writes one rubric a prompt");
  return {
    ...{ method: options.method, model, preset: options.preset, tau: options.tau, seed: options.seed },
    judge: options.labelFilter ? (options.judgeModel ?? model) : null,
    ranked: options.ranked === true,
    temperature: options.temperature ?? 0,
    ...{ maxTokens: options.maxTokens, furtherTries: options.furtherTries },
    pairs: options.pairs === undefined ? null : jobFiles(options.pairs, cwd).out,
  };
}

function promptRow(text: string): InputRows {
  const prompt = textPrompt(text);
  return {
    rows: [{ id: prompt.id, line: 1, prompt, reference: null, responses: [], rubric: null }],
    skipped: [],
  };
}

function checkPromptGiven(file: string | undefined, { prompt }: GenerateOptions): void {
  if ((file === undefined) === (prompt === undefined))
    throw new ConfigError("which prompts? give either a file or --prompt <text>");
}

/** Options that mean nothing to a trained generator, which answers in one go. */
const OF_LANGUAGE_MODELS = {
  ...{ limit: "--limit", dryRun: "--dry-run", fresh: "--fresh", pairs: "--pairs", ranked: "--ranked" },
  ...{ judgeModel: "--judge-model", referenceField: "--reference-field" },
  ...{ maxTokens: "--max-tokens", furtherTries: "--further-tries" },
} as const satisfies Partial<Record<keyof GenerateOptions, string>>;

function refuseJobOptions(options: GenerateOptions): void {
  for (const [name, option] of Object.entries(OF_LANGUAGE_MODELS))
    if (options[name as keyof typeof OF_LANGUAGE_MODELS] !== undefined)
      throw new ConfigError(`${option} goes with --model <spec>; leave it out for a trained generator`);
}

async function generate(
  file: string | undefined,
  options: GenerateOptions,
  { terminal, operations }: CommandContext,
): Promise<void> {
  checkPromptGiven(file, options);
  refuseJobOptions(options);
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
