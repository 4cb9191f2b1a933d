import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { RowFault } from "../../data/row-fields.ts";
import { ConfigError } from "../../errors.ts";
import {
  DIFFERENTIATION_CONDITIONS,
  type DifferentiationConditionName,
} from "../../generate/differentiation-conditions.ts";
import { type CommandContext, numberBetween, wholeNumber, withCommonOptions } from "../command.ts";
import { runGenerationJob } from "../generation/generation-job.ts";
import { type InputRow, readInputRows } from "../generation/input-rows.ts";
import { limited, printPlan, type RowJobOptions, withRowJobOptions } from "../generation/job-options.ts";
import {
  candidatePlaces,
  plannedCalls,
  type RefinementPlan,
  refinementJob,
} from "../generation/refine-rubrics.ts";

interface RefineOptions extends RowJobOptions {
  readonly verifierModel?: string;
  readonly rounds?: number;
  readonly condition?: DifferentiationConditionName;
  readonly candidatesFrom?: string;
  readonly excludeUsed?: boolean;
  readonly strictVerifier?: boolean;
  readonly temperature: number;
  readonly seed: number;
  readonly maxTokens?: number;
  readonly furtherTries?: number;
}

const ROUNDS = 4;

export function define(command: Command, context: CommandContext): void {
  const example =
    "armature rubrics refine responses.jsonl --model http://127.0.0.1:8000/v1 --model-name big --verifier-model http://127.0.0.1:8001/v1#small --rounds 4 --exclude-used --out refined.jsonl";
  withRowJobOptions(withCommonOptions(command, example))
    .argument("<file>", "prompts with responses; a row without rubric gets a first one from --model")
    .option("--verifier-model <spec>", "scores the responses (default: --model)")
    .option(
      "--rounds <n>",
      `rounds of score, top two, improve (default: the condition's, or ${ROUNDS})`,
      wholeNumber(0),
    )
    .addOption(
      new Option("--condition <name>", "take the responses that a condition of the paper takes").choices(
        Object.keys(DIFFERENTIATION_CONDITIONS),
      ),
    )
    .option("--candidates-from <model>", "whose responses a condition of one model takes")
    .option("--exclude-used", "take a round's two responses out of the later rounds")
    .option("--strict-verifier", 'a criterion that the verifier leaves out is a failure, not "no"')
    .option("--temperature <t>", "of --model", numberBetween(0, Number.POSITIVE_INFINITY), 0)
    .option("--seed <n>", "of the requests", wholeNumber(0), 0)
    .option("--max-tokens <n>", "longest rubric", wholeNumber(1))
    .option("--further-tries <n>", "for replies that cannot be read (default: 2)", wholeNumber(0))
    .option("--out <file>", "write the rubrics to a file in place of stdout")
    .action((file: string, options: RefineOptions) => refine(file, options, context));
}

async function refine(file: string, options: RefineOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const plan = planOf(options);
  const input = limited(
    await readInputRows(resolve(terminal.cwd, file), {
      badRows: options.badRows,
      need: (row) => needCandidates(plan, row),
    }),
    options.limit,
  );
  if (options.dryRun) return printPlan(plannedCalls(plan, input.rows), input, options, terminal);
  await runGenerationJob(refinementJob(plan, input), options, context);
}

function planOf(options: RefineOptions): RefinementPlan {
  const [proposer, ...others] = options.model ?? [];
  if (proposer === undefined) throw new ConfigError("which model improves the rubrics? give --model <spec>");
  if (others.length > 0)
    throw new ConfigError(
      "one model improves the rubrics; give --model once, and --verifier-model beside it",
    );
  const condition = options.condition === undefined ? null : DIFFERENTIATION_CONDITIONS[options.condition];
  if (options.candidatesFrom !== undefined && condition?.models !== 1)
    throw new ConfigError("--candidates-from goes with a --condition of one model, such as one-great-pair");
  return {
    ...{ proposer, verifier: options.verifierModel ?? proposer, condition },
    candidateModel: options.candidatesFrom,
    rounds: options.rounds ?? condition?.rounds ?? ROUNDS,
    excludeUsed: options.excludeUsed === true,
    missingIsNo: options.strictVerifier !== true,
    ...{ temperature: options.temperature, seed: options.seed },
    ...{ maxTokens: options.maxTokens, furtherTries: options.furtherTries },
  };
}

function needCandidates(plan: RefinementPlan, row: InputRow): void {
  if (plan.rounds === 0) return;
  const count = candidatePlaces(plan, row).length;
  if (count >= 2) return;
  const what = `hold ${count} different ones that ${plan.condition === null ? "can be compared" : `condition ${plan.condition.name} takes`}; give at least 2`;
  throw new RowFault("missing-field", "responses", what);
}
