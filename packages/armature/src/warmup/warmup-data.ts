import { SeededStream } from "@armature/engine";
import type { PreferencePair } from "../data/prompt.ts";
import { splitHeldOut } from "../data/split.ts";
import { ConfigError } from "../errors.ts";
import type { Dialect } from "../judge/dialect.ts";
import { paperMessages } from "../judge/paper-dialect.ts";
import { fitPairs, judgePromptLength, judgePromptLimit } from "../train/fit-pairs.ts";
import { countedLead } from "./judge-teacher.ts";
import { generatorRow, judgeRows, lessonRubric, type WarmupRow } from "./warmup-rows.ts";

export interface WarmupSettings {
  readonly seed: number;
  /** Share of the prompts that the warm-up learns from; the others are kept for reinforcement learning. */
  readonly share: number;
  /** As in the recipe's `data`: longest prompt of the judge, a rubric included. */
  readonly maxPromptTokens: number;
  /** Prompts that the generator learns from, one row each. */
  readonly generatorPrompts: number;
  /** Pairs that the judge learns from, two rows each: both orders. */
  readonly judgePairs: number;
}

/** Rows of the two teachers, and the pairs that they did not touch. */
export interface WarmupData {
  readonly generator: readonly WarmupRow[];
  readonly judge: readonly WarmupRow[];
  /** Pairs for reinforcement learning: they share no prompt with the rows and fit the judge. */
  readonly training: readonly PreferencePair[];
  /** What was left out and what the rows hold: lines for people. */
  readonly notes: readonly string[];
}

/**
 * Splits pairs by a hash of their prompts into warm-up and reinforcement learning, and lets the teachers write the rows of
 * the first part. The judge learns from pairs whose prompt fits and whose label the teacher's counts support, as OpenRubrics
 * keeps label-consistent rubrics: its verdicts then lead to its winner. The generator reads prompts only and learns from
 * all. Throws `ConfigError` where one of the three sets is left empty.
 */
export function warmupData(
  pairs: readonly PreferencePair[],
  settings: WarmupSettings,
  dialect: Dialect,
): WarmupData {
  const { seed, share, maxPromptTokens, generatorPrompts, judgePairs } = settings;
  const limit = judgePromptLimit(maxPromptTokens, "drop");
  const lengthOf = judgePromptLength(dialect);
  const split = splitHeldOut(pairs, { share, by: "prompt", salt: "warm-up" });
  const lessons = new SeededStream(seed, "warm-up lessons").shuffled(split.heldOut);
  const fitting = fitPairs(lessons, limit, lengthOf);
  const training = fitPairs(split.train, limit, lengthOf);
  const supported = fitting.pairs.filter(
    (pair) => countedLead(pair.prompt, lessonRubric(pair, seed), pair.chosen, pair.rejected) > 0,
  );
  const asked = onePerPrompt(lessons).filter(
    ({ prompt }) => dialect.generatorPrompt(prompt).length <= maxPromptTokens,
  );
  for (const [who, found] of Object.entries({
    judge: supported,
    generator: asked,
    "reinforcement learning": training.pairs,
  })) {
    if (found.length === 0)
      throw new ConfigError(
        `warm-up: no pair is left for the ${who}; give more pairs, another share or a higher limit on prompt tokens`,
      );
  }
  const messages = paperMessages();
  const judged = supported.slice(0, judgePairs);
  const prompted = asked.slice(0, generatorPrompts);
  return {
    generator: prompted.map((pair) => generatorRow(messages, pair, seed)),
    judge: judged.flatMap((pair) => judgeRows(messages, pair, seed)),
    training: training.pairs,
    notes: [
      `warm-up: ${fitting.note}; the teacher's counts support the label of ${supported.length}, the judge learns from ${judged.length} of these in both orders`,
      `warm-up: the generator learns from ${prompted.length} of ${asked.length} prompts`,
      `reinforcement learning: ${training.note}`,
    ],
  };
}

function onePerPrompt(pairs: readonly PreferencePair[]): readonly PreferencePair[] {
  return [...new Map(pairs.map((pair) => [pair.prompt.id, pair])).values()];
}
