import { Command } from "commander";
import { describe, expect, it } from "vitest";
import {
  type LanguageModelOptions,
  languageModelSettings,
  withLanguageModelOptions,
} from "./language-model-options.ts";

const terminal = {
  stdout: { write: () => true },
  stderr: { write: () => true },
  environment: { KEY: "secret" },
  cwd: "/somewhere",
};

function settings(args: readonly string[], defaultCache: string | null = null) {
  const command = withLanguageModelOptions(
    new Command().exitOverride().configureOutput({ writeErr: () => undefined }),
  );
  command.parse(args, { from: "user" });
  const options = command.opts<LanguageModelOptions>();
  const given = Object.entries(languageModelSettings(options, terminal, defaultCache));
  return { model: options.model, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) };
}

describe("language model options", () => {
  it("become settings, with the terminal's environment and folder", () => {
    const args =
      "--model a.yaml --model b.gguf --model-name m --api-key-env KEY --concurrency 8 --rpm 60 --tpm 1000 --timeout 2.5 --retries 0 --budget-usd 0.5 --budget-tokens 9 --price-in 1 --price-out 0 --cache log.jsonl --strip-think";
    expect(settings(args.split(" "), "default.jsonl")).toEqual({
      model: ["a.yaml", "b.gguf"],
      modelName: "m",
      apiKeyEnv: "KEY",
      concurrency: 8,
      requestsPerMinute: 60,
      tokensPerMinute: 1000,
      timeoutSeconds: 2.5,
      retries: 0,
      budgetUsd: 0.5,
      budgetTokens: 9,
      priceIn: 1,
      priceOut: 0,
      cache: "log.jsonl",
      stripThink: true,
      environment: terminal.environment,
      cwd: terminal.cwd,
    });
  });

  it("leave everything else open, and take the command's log unless none is wanted", () => {
    const rest = { environment: terminal.environment, cwd: terminal.cwd };
    expect(settings([])).toEqual(rest);
    expect(settings([], "default.jsonl")).toEqual({ ...rest, cache: "default.jsonl" });
    expect(settings(["--no-cache"], "default.jsonl")).toEqual(rest);
  });

  it("refuse numbers that mean nothing", () => {
    for (const args of [
      ["--timeout", "0"],
      ["--concurrency", "0"],
      ["--budget-usd", "-1"],
      ["--rpm", "1.5"],
    ])
      expect(() => settings(args)).toThrow(/Give a/);
  });
});
