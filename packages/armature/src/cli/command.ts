import { type Command, InvalidArgumentError } from "commander";
import type { ProgressStream } from "../run/progress.ts";
import type { Operations } from "./operations.ts";

/** Where a command reads and writes; tests give their own. */
export interface Terminal {
  readonly stdout: ProgressStream;
  readonly stderr: ProgressStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** What a command works with. A command that was interrupted sets the exit code; failures are thrown. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly operations: Operations;
  exitCode: number;
}

/** One file of `commands/`: it declares arguments and options, and loads what is heavy only when it acts. */
export interface CommandModule {
  define(command: Command, context: CommandContext): void;
}

export interface CommonOptions {
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** Options that every command has, and its example. */
export function withCommonOptions(command: Command, example: string): Command {
  return command
    .option("--json", "print results as JSON and nothing else")
    .option("--debug", "print the stack of an error")
    .addHelpText("after", `\nExample:\n  ${example}\n`);
}

/** Reader of an option that is a whole number. */
export function wholeNumber(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= minimum && Number.isSafeInteger(value)) return value;
    throw new InvalidArgumentError(`Give a whole number of at least ${minimum}.`);
  };
}

/** Reader of an option that is a number in a range. */
export function numberBetween(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(
      high === Number.POSITIVE_INFINITY
        ? `Give a number of at least ${low}.`
        : `Give a number from ${low} to ${high}.`,
    );
  };
}

/** Reader of an option that may be given several times. */
export function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
