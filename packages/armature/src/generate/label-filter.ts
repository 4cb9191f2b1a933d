import { pairId } from "../data/content-id.ts";
import type { PreferencePair, Prompt } from "../data/prompt.ts";
import type { FailureKind } from "../failure.ts";
import type { PairVerdict } from "../judge/outcome.ts";
import type { Order } from "../judge/shown-pair.ts";
import { addUsage, type CallOptions, NO_USAGE, type Usage } from "../llm/language-model.ts";
import { mapConcurrently } from "../llm/map-concurrently.ts";

/** What a judge said of a pair by a rubric. */
export interface JudgedPair {
  /** `given` showed the preferred response first. */
  readonly order: Order;
  readonly verdict: PairVerdict;
  readonly replies: readonly string[];
  readonly usage: Usage;
}

/** Judges a pair by the text of a rubric; failures are verdicts. It must not show the chosen response always first. */
export type PairByRubric = (
  pair: PreferencePair,
  rubric: string,
  options: CallOptions,
) => Promise<JudgedPair>;

/** Why a pair is not kept. */
export type DiscardReason = "low-accuracy" | "wrong-label" | "undecided" | `unjudged-${FailureKind}`;

/** A pair of the ranking as the rubric's judge sees it. */
export interface FilteredPair extends Omit<JudgedPair, "usage"> {
  /** Places in the ranking; the better one is the smaller. */
  readonly better: number;
  readonly worse: number;
  /** Null where the pair is kept. */
  readonly discarded: DiscardReason | null;
}

/** How well a rubric agrees with the ranking it was written from. */
export interface LabelConsistency {
  /** Share of right verdicts among the pairs that were judged, an undecided one being wrong; null where none was. */
  readonly accuracy: number | null;
  readonly pairs: readonly FilteredPair[];
  readonly usage: Usage;
}

/** The ranking's label and the verdict of one prompt's rubric. */
export interface ConsistencySettings {
  readonly judge: PairByRubric;
  /** Least accuracy for any pair of the prompt to be kept, 0 to 1; the paper's tau is 0.5. */
  readonly tau: number;
  /** Most pairs that are judged at once; default 8. */
  readonly concurrency?: number;
}

/**
 * Preference-label consistency (OpenRubrics, section 3): judges every pair that the ranking induces by the rubric and keeps a
 * pair where the rubric's accuracy on all of them is at least tau and its own verdict is right. A pair that could not be
 * judged counts neither way and is not kept.
 */
export async function filterByLabels(
  prompt: Prompt,
  ranked: readonly string[],
  rubric: string,
  { judge, tau, concurrency = 8 }: ConsistencySettings,
  options: CallOptions = {},
): Promise<LabelConsistency> {
  const places = ranked.flatMap((_, better) =>
    ranked.slice(better + 1).map((_, i) => ({ better, worse: better + 1 + i })),
  );
  const judged = await mapConcurrently(
    places,
    ({ better, worse }, _, signal) =>
      judge(pairOf(prompt, ranked[better]!, ranked[worse]!), rubric, {
        ...options,
        purpose: "consistency",
        signal,
      }),
    { concurrency, signal: options.signal },
  );
  const decided = judged.filter(({ verdict }) => verdict.status !== "failed");
  const right = decided.filter(({ verdict }) => isRight(verdict)).length;
  const accuracy = decided.length === 0 ? null : right / decided.length;
  const consistent = accuracy !== null && accuracy >= tau;
  return {
    accuracy,
    pairs: places.map((place, i) => {
      const { order, verdict, replies } = judged[i]!;
      return { ...place, order, verdict, discarded: discardReason(verdict, consistent), replies };
    }),
    usage: judged.map(({ usage }) => usage).reduce(addUsage, NO_USAGE),
  };
}

function pairOf(prompt: Prompt, chosen: string, rejected: string): PreferencePair {
  return { id: pairId(prompt.messages, chosen, rejected), prompt, chosen, rejected };
}

const isRight = (verdict: PairVerdict): boolean => verdict.status === "scored" && verdict.winner === "chosen";

/** The pair's own verdict is told before the accuracy of all, for it says more. */
function discardReason(verdict: PairVerdict, consistent: boolean): DiscardReason | null {
  if (verdict.status === "failed") return `unjudged-${verdict.kind}`;
  if (verdict.status === "abstained") return "undecided";
  if (!isRight(verdict)) return "wrong-label";
  return consistent ? null : "low-accuracy";
}
