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

/**
 * Mean with its interval, prompts drawn as wholes; nulls are left out. Where all values are 0 or all are 1 no resample differs
 * and Wilson's interval over prompts takes the bootstrap's place. Null where nothing has a value.
 */
export function meanOverPrompts(
  values: readonly PromptValue[],
  settings: BootstrapSettings,
): Interval | null {
  const byPrompt = new Map<string, number[]>();
  for (const { promptId, value } of values) {
    if (value === null) continue;
    const own = byPrompt.get(promptId);
    if (own) own.push(value);
    else byPrompt.set(promptId, [value]);
  }
  const interval = bootstrapMean([...byPrompt.values()], settings);
  if (interval === null || (interval.value !== 0 && interval.value !== 1)) return interval;
  const all = [...byPrompt.values()].flat();
  if (all.some((value) => value !== interval.value)) return interval;
  return {
    ...interval,
    ...wilsonInterval(interval.value * interval.clusters, interval.clusters, settings.level)!,
  };
}
