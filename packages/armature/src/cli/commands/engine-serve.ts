import { resolve } from "node:path";
import { LocalBackend } from "@armature/engine";
import { TinkerError } from "@armature/tinker";
import { ProtocolServer } from "@armature/tinker/server";
import { type Command, Option } from "commander";
import { ConfigError } from "../../errors.ts";
import { Interruption } from "../../run/interruption.ts";
import { toJson } from "../../run/json-lines.ts";
import {
  type CommandContext,
  type CommonOptions,
  collected,
  wholeNumber,
  withCommonOptions,
} from "../command.ts";

interface ServeOptions extends CommonOptions {
  readonly model: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly apiKeyEnv?: string;
  readonly checkpoints: string;
  readonly loraRankMax: number;
  readonly modelsMax: number;
  readonly threads?: number;
  readonly logprobs: "all" | "weighted";
}

export function define(command: Command, context: CommandContext): void {
  withCommonOptions(command, "armature engine serve --model models/nano-policy --port 8765")
    .requiredOption(
      "--model <[name=]path>",
      "base model: a folder, GGUF or llama2.c file; may be repeated",
      collected,
    )
    .option(
      "--host <address>",
      "where to listen; others than this machine's own need --api-key-env",
      "127.0.0.1",
    )
    .option("--port <n>", "0 takes any free port", wholeNumber(0), 8765)
    .option("--api-key-env <name>", "environment variable with the key that requests must bring")
    .option("--checkpoints <folder>", "where saved weights go", "checkpoints")
    .option("--lora-rank-max <n>", "largest rank of an adapter", wholeNumber(1), 128)
    .option("--models-max <n>", "models in training at once", wholeNumber(1), 16)
    .option("--threads <n>", "of each base model (default: half of the processors)", wholeNumber(1))
    .addOption(
      new Option(
        "--logprobs <which>",
        "which logprobs training returns: all, or those with a weight or advantage (faster, and exactly the numbers of recipes in process)",
      )
        .choices(["all", "weighted"])
        .default("all"),
    )
    .action((options: ServeOptions) => serve(options, context));
}

async function serve(options: ServeOptions, { terminal }: CommandContext): Promise<void> {
  const { host, logprobs, port, loraRankMax: loraRank, modelsMax: models, threads } = options;
  const apiKey = keyFrom(options.apiKeyEnv, terminal.environment);
  const interruption = new Interruption(() =>
    terminal.stderr.write("stopping; press Ctrl-C again to stop at once\n"),
  );
  try {
    const backend = await LocalBackend.open(
      options.model.map((text) => namedModel(text, terminal.cwd)),
      { logprobs, ...(threads !== undefined && { threads }) },
    );
    const server = await ProtocolServer.start(backend, {
      host,
      port,
      ...(apiKey !== undefined && { apiKey }),
      checkpoints: resolve(terminal.cwd, options.checkpoints),
      limits: { loraRank, models },
    });
    const names = backend.models.map(({ name }) => name);
    terminal.stdout.write(
      options.json
        ? `${toJson({ url: server.url, models: names })}\n`
        : `${names.join(", ")} at ${server.url} (training protocol, and /v1 as OpenAI's); Ctrl-C stops\n`,
    );
    await stopRequested(interruption.signal);
    await server.close();
  } catch (error) {
    // What a user of the command may mend reads like every other error of the command line.
    if (TinkerError.isInstance(error) && error.kind === "user")
      throw new ConfigError(error.message, { cause: error });
    throw error;
  } finally {
    interruption.dispose();
  }
}

/** `NAME=PATH`, or a path alone. */
function namedModel(text: string, cwd: string): { path: string; name?: string } {
  const [, name, path] = /^([\w.-]+)=(.+)$/.exec(text) ?? [];
  return name === undefined ? { path: resolve(cwd, text) } : { name, path: resolve(cwd, path!) };
}

function keyFrom(
  variable: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (variable === undefined) return undefined;
  const key = environment[variable];
  if (key === undefined || key === "")
    throw new ConfigError(`--api-key-env ${variable}: the variable is not set; set it to the key`);
  return key;
}

function stopRequested(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done();
    signal.addEventListener("abort", () => done(), { once: true });
  });
}
