import { ServiceClient, TinkerError } from "@armature/tinker";
import { printConformance, runConformance, serverBackend } from "@armature/tinker/conformance";
import type { Command } from "commander";
import { ConfigError } from "../../errors.ts";
import { toJson } from "../../run/json-lines.ts";
import { progressOn, SILENT_PROGRESS } from "../../run/progress.ts";
import {
  type CommandContext,
  type CommonOptions,
  collected,
  numberBetween,
  withCommonOptions,
} from "../command.ts";
import { EXIT } from "../describe-error.ts";

/** Groups of the suite. */
const GROUPS = 14;

interface ConformanceOptions extends CommonOptions {
  readonly url: string;
  readonly baseModel?: string;
  readonly apiKeyEnv?: string;
  readonly group?: readonly string[];
  readonly tolerance: number;
  readonly equal: number;
  readonly all?: boolean;
}

export function define(command: Command, context: CommandContext): void {
  withCommonOptions(command, "armature engine conformance --url http://127.0.0.1:8765")
    .requiredOption("--url <address>", "the server, without /api/v1")
    .option("--base-model <name>", "which of the server's models (default: its only one)")
    .option("--api-key-env <name>", "environment variable with the key that the server wants")
    .option("--group <n>", `run this group alone, 1 to ${GROUPS}; may be repeated`, collected)
    .option(
      "--tolerance <share>",
      "of ratios; servers with 16-bit floats need about 0.2",
      numberBetween(0, 1),
      0.03,
    )
    .option(
      "--equal <logprob>",
      "largest difference of logprobs that count as equal",
      numberBetween(0, 10),
      1e-5,
    )
    .option("--all", "print every check, not only what deviates")
    .action((options: ConformanceOptions) => check(options, context));
}

async function check(options: ConformanceOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const groups = options.group?.map(groupNumber);
  const apiKey = options.apiKeyEnv === undefined ? undefined : terminal.environment[options.apiKeyEnv];
  if (options.apiKeyEnv !== undefined && !apiKey)
    throw new ConfigError(`--api-key-env ${options.apiKeyEnv}: the variable is not set; set it to the key`);
  const client = await connect(options.url, apiKey);
  const progress = options.json ? SILENT_PROGRESS : progressOn(terminal.stderr);
  try {
    let done = 0;
    const report = await runConformance(serverBackend(client, options.baseModel), {
      ...(groups && { groups }),
      tolerance: options.tolerance,
      equal: options.equal,
      onGroup: ({ number, name }) =>
        progress.update({ phase: `${number} ${name}`, done: ++done, total: groups?.length ?? GROUPS }),
    });
    progress.end();
    terminal.stdout.write(options.json ? `${toJson(report)}\n` : printConformance(report, options.all));
    if (report.groups.some(({ passes }) => !passes)) context.exitCode = EXIT.failed;
  } finally {
    client.close();
  }
}

function groupNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > GROUPS)
    throw new ConfigError(`--group ${text}: there are groups 1 to ${GROUPS}`);
  return number;
}

/** No probe: the suite itself finds out what a probe would. */
async function connect(url: string, apiKey: string | undefined): Promise<ServiceClient> {
  try {
    return await ServiceClient.connect({ url, ...(apiKey !== undefined && { apiKey }), profile: "none" });
  } catch (error) {
    if (TinkerError.isInstance(error) && error.kind === "user")
      throw new ConfigError(`--url ${error.message}`, { cause: error });
    throw error;
  }
}
