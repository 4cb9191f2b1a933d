import type { BenchScorer } from "../bench/bench-scorer.ts";
import { type JudgeItemsOptions, judgeItems } from "../bench/judge-items.ts";
import { contentId } from "../data/content-id.ts";
import type { Prompt } from "../data/prompt.ts";
import { type BootstrapSettings, bootstrapMean, type Interval } from "../evaluation/bootstrap.ts";
import { wilsonInterval } from "../evaluation/significance.ts";
import type { PairOutcome } from "../judge/outcome.ts";

/** Two responses to one prompt; a study asks which of them a scorer prefers. */
export interface Duel {
  readonly prompt: Prompt;
  readonly first: string;
  readonly second: string;
}

/** What became of a duel. */
export interface DuelOutcome {
  /** 1 where the first is preferred, 0 the second, 0.5 at a tie; of several orders the mean. Null where nothing was decided. */
  readonly preference: number | null;
  /** Of a scorer of single responses, null where one failed; null as a whole from a judge of pairs. */
  readonly scores: { readonly first: number | null; readonly second: number | null } | null;
  readonly outcomes: readonly PairOutcome[];
}

/** Asks a scorer about all duels, in their order; unreadable verdicts decide nothing. */
export async function fightDuels(
  duels: readonly Duel[],
  scorer: BenchScorer,
  options: JudgeItemsOptions = {},
): Promise<readonly DuelOutcome[]> {
  if (duels.length === 0) return [];
  const items = duels.map(({ prompt, first, second }, i) => ({
    id: contentId([prompt.id, first, second]),
    prompt,
    chosen: [first],
    rejected: [second],
    subset: "duels",
    source: { file: "duel", line: i + 1 },
  }));
  return (await judgeItems(items, scorer, options)).map(({ comparisons, scores }) => {
    const { outcomes } = comparisons[0]!;
    const decided = outcomes.flatMap(({ verdict }) => {
      if (verdict.status === "failed") return [];
      return verdict.status === "abstained" ? [0.5] : [Number(verdict.winner === "chosen")];
    });
    return {
      preference: decided.length === 0 ? null : decided.reduce((a, b) => a + b) / decided.length,
      scores: scores === null ? null : { first: scores.chosen[0]!, second: scores.rejected[0]! },
      outcomes,
    };
  });
}

/** A value that belongs to a prompt. */
export interface PromptValue {
  readonly promptId: string;
  readonly value: number | null;
}

/** Mean with its interval, prompts drawn as wholes; nulls are left out. Null where nothing has a value. */
export function meanOverPrompts(
  values: readonly PromptValue[],
  settings: BootstrapSettings,
): Interval | null {
  return bootstrapMean([...clustersOf(values).values()], settings);
}

/**
 * The same of shares from 0 to 1. Where all are 0 or all are 1 no resample differs, and Wilson's interval over prompts takes the
 * bootstrap's place.
 */
export function shareOverPrompts(
  values: readonly PromptValue[],
  settings: BootstrapSettings,
): Interval | null {
  const interval = meanOverPrompts(values, settings);
  if (interval === null) return null;
  const constant = values.every(({ value }) => value === null || value === interval.value);
  if (!constant || (interval.value !== 0 && interval.value !== 1)) return interval;
  const { value, clusters } = interval;
  return { ...interval, ...wilsonInterval(value * clusters, clusters, settings.level)! };
}

function clustersOf(values: readonly PromptValue[]): ReadonlyMap<string, readonly number[]> {
  const byPrompt = new Map<string, number[]>();
  for (const { promptId, value } of values) {
    if (value === null) continue;
    const own = byPrompt.get(promptId);
    if (own) own.push(value);
    else byPrompt.set(promptId, [value]);
  }
  return byPrompt;
}
