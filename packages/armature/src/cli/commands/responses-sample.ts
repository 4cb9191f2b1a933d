import { resolve } from "node:path";
import type { Command } from "commander";
import { ConfigError } from "../../errors.ts";
import { readSamplingRecipe, type SamplingRecipe } from "../../generate/sampling-recipe.ts";
import { type CommandContext, numberBetween, wholeNumber, withCommonOptions } from "../command.ts";
import { runGenerationJob } from "../generation/generation-job.ts";
import { readInputRows } from "../generation/input-rows.ts";
import { limited, printPlan, type RowJobOptions, withRowJobOptions } from "../generation/job-options.ts";
import { plannedCalls, samplingJob } from "../generation/sample-rows.ts";

interface SampleOptions extends RowJobOptions {
  readonly recipe?: string;
  readonly count?: number;
  readonly temperature?: number;
  readonly maxTokens?: number;
  readonly system?: string;
  readonly seed?: number;
  readonly near?: number;
}

export function define(command: Command, context: CommandContext): void {
  const example =
    "armature responses sample prompts.jsonl --recipe models.yaml --near 0.8 --out responses.jsonl";
  withRowJobOptions(withCommonOptions(command, example))
    .argument("<prompts>", "prompts of any table; responses that stand in a row stay")
    .option("--recipe <file>", "models with count, temperature, system and maxTokens each, in YAML")
    .option("--count <n>", "responses of each --model (default: 1)", wholeNumber(1))
    .option("--temperature <t>", "of each --model (default: 1)", numberBetween(0, Number.POSITIVE_INFINITY))
    .option("--max-tokens <n>", "longest response of each --model (default: 1024)", wholeNumber(1))
    .option("--system <text>", "system message for each --model")
    .option("--seed <n>", "of the sampling (default: the recipe's, or 0)", wholeNumber(0))
    .option(
      "--near <share>",
      "leave out responses that share so much of their word triples (default: 1, equal texts only)",
      numberBetween(0.01, 1),
    )
    .option("--out <file>", "write the responses to a file in place of stdout")
    .action((prompts: string, options: SampleOptions) => sample(prompts, options, context));
}

async function sample(file: string, options: SampleOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const recipe = recipeOf(options, terminal.cwd);
  const input = limited(
    await readInputRows(resolve(terminal.cwd, file), { badRows: options.badRows }),
    options.limit,
  );
  if (options.dryRun) return printPlan(plannedCalls(recipe, input.rows), input, options, terminal);
  await runGenerationJob(samplingJob(recipe, input), options, context);
}

function recipeOf(options: SampleOptions, cwd: string): SamplingRecipe {
  const { recipe: file, model: specs = [], seed, near } = options;
  if ((file === undefined) === (specs.length === 0))
    throw new ConfigError(
      "which models? give either --recipe <file> or --model <spec>, as often as you like",
    );
  const own = (["count", "temperature", "maxTokens", "system"] as const).find(
    (name) => options[name] !== undefined,
  );
  if (file !== undefined && own !== undefined)
    throw new ConfigError(`${own} stands in the recipe for each of its models; say it there`);
  const recipe: SamplingRecipe =
    file !== undefined
      ? readSamplingRecipe(resolve(cwd, file), file)
      : {
          seed: 0,
          nearness: 1,
          models: specs.map((model) => ({
            model,
            count: options.count ?? 1,
            temperature: options.temperature ?? 1,
            maxTokens: options.maxTokens ?? 1024,
            ...(options.system !== undefined && { system: options.system }),
          })),
        };
  return { ...recipe, ...(seed !== undefined && { seed }), ...(near !== undefined && { nearness: near }) };
}
