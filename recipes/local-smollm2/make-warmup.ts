/**
 * Writes the warm-up rows and the pairs for reinforcement learning that `recipe.yaml` names, from files of preference pairs:
 *
 *   npx tsx --conditions=armature-source recipes/local-smollm2/make-warmup.ts \
 *     --model MODEL --pairs FILE [--pairs FILE …] [--test FILE] --out FOLDER
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openModel } from "@armature/engine";
import { describeError } from "../../packages/armature/src/cli/describe-error.ts";
import { findOverlap, withoutOverlap } from "../../packages/armature/src/data/overlap.ts";
import { pairFileSummary, readPreferencePairs } from "../../packages/armature/src/data/preference-pairs.ts";
import { ConfigError } from "../../packages/armature/src/errors.ts";
import { chatEncoder } from "../../packages/armature/src/judge/engine-chat-encoder.ts";
import { paperDialect } from "../../packages/armature/src/judge/paper-dialect.ts";
import { writeFileAtomic } from "../../packages/armature/src/run/atomic-file.ts";
import { toJsonLines } from "../../packages/armature/src/run/json-lines.ts";
import { warmupData } from "../../packages/armature/src/warmup/warmup-data.ts";

const OPTIONS = {
  model: { type: "string" },
  pairs: { type: "string", multiple: true },
  /** Pairs whose prompts must stay unseen. */
  test: { type: "string", multiple: true },
  out: { type: "string" },
  seed: { type: "string", default: "0" },
  share: { type: "string", default: "0.5" },
  "max-prompt-tokens": { type: "string", default: "640" },
  "generator-prompts": { type: "string", default: "64" },
  "judge-pairs": { type: "string", default: "32" },
} as const;

async function makeWarmup(): Promise<readonly string[]> {
  const { values } = parseArgs({ options: OPTIONS });
  const { model: modelPath, out, pairs: files = [], test: testFiles = [] } = values;
  if (modelPath === undefined || out === undefined || files.length === 0)
    throw new ConfigError("make-warmup: give --model, --pairs and --out");
  const settings = {
    seed: numberOf("seed"),
    share: numberOf("share"),
    maxPromptTokens: numberOf("max-prompt-tokens"),
    generatorPrompts: numberOf("generator-prompts"),
    judgePairs: numberOf("judge-pairs"),
  };
  const model = openModel(modelPath);
  model.weights.close();
  const read = await readPreferencePairs(files, "skip");
  const tested = await readPreferencePairs(testFiles, "skip");
  const { samePrompt } = findOverlap(read.pairs, tested.pairs);
  const data = warmupData(
    withoutOverlap(read.pairs, tested.pairs),
    settings,
    paperDialect(chatEncoder(model)),
  );
  mkdirSync(out, { recursive: true });
  const rows = {
    generator: data.generator,
    judge: data.judge,
    pairs: data.training.map(({ prompt, chosen, rejected }) => ({
      prompt: prompt.messages,
      chosen,
      rejected,
    })),
  };
  for (const [name, content] of Object.entries(rows))
    writeFileAtomic(join(out, `${name}.jsonl`), toJsonLines(content));
  const counts = Object.entries(rows).map(([name, { length }]) => `${name}.jsonl (${length} rows)`);
  return [
    ...[...read.reports, ...tested.reports].map(pairFileSummary),
    `${samePrompt} test pairs share a prompt with the pairs; those prompts are left out`,
    ...data.notes,
    `written to ${out}: ${counts.join(", ")}`,
  ];

  function numberOf(
    name: "seed" | "share" | "max-prompt-tokens" | "generator-prompts" | "judge-pairs",
  ): number {
    const number = Number(values[name]);
    if (values[name].trim() === "" || !(number >= 0))
      throw new ConfigError(`make-warmup: --${name} is ${JSON.stringify(values[name])}; give a number`);
    return number;
  }
}

try {
  process.stdout.write(`${(await makeWarmup()).join("\n")}\n`);
} catch (error) {
  const { line, exitCode } = describeError(error);
  process.stderr.write(`${line}\n`);
  process.exitCode = exitCode;
}
