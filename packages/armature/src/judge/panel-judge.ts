import { contentId } from "../data/content-id.ts";
import { ConfigError } from "../errors.ts";
import type { CallOptions } from "../llm/language-model.ts";
import { addUsage, NO_USAGE } from "../llm/language-model.ts";
import type { Criterion } from "../rubric/rubric.ts";
import type { CriterionVerdict, RatingVerdict } from "./criterion-verdict.ts";
import type { JudgeTask, RubricJudge, RubricJudgement } from "./rubric-judge.ts";
import { siblingCalls } from "./sibling-calls.ts";

/** How a panel comes to one verdict on each criterion. */
export type PanelRule = "vote" | "mean";

/** A panel's judgement, with what each member said, in the panel's order. */
export interface PanelJudgement extends RubricJudgement {
  readonly members: readonly RubricJudgement[];
}

/** A judge of several judges. */
export interface PanelJudge extends RubricJudge {
  judge(task: JudgeTask, options?: CallOptions): Promise<PanelJudgement>;
}

/**
 * Several judges on one response. `vote`: the majority of the members that scored a criterion, by choice where it has choices,
 * a tie abstains; of ratings the median. `mean`: the mean of their values or ratings. Members that abstain or fail do not
 * count; where none scored, the panel abstains if one member did, and else fails as its first member. Throws `ConfigError`
 * for an empty panel.
 */
export function panelJudge(judges: readonly RubricJudge[], rule: PanelRule): PanelJudge {
  if (judges.length === 0) throw new ConfigError("a panel has no judges; give at least one");
  return {
    id: `panel-${rule}:${contentId(judges.map(({ id }) => id))}:${judges.map(({ id }) => id).join("+")}`,
    async judge(task, options = {}) {
      const members = await siblingCalls(
        judges,
        (judge, signal) => judge.judge(task, { ...options, signal }),
        options.signal,
      );
      const rated = members.flatMap(({ rating }) => (rating === null ? [] : [rating]));
      const judged = members.filter(({ verdicts }) => verdicts.length > 0);
      return {
        verdicts:
          judged.length === 0
            ? []
            : task.rubric.criteria.map((criterion, i) =>
                combine(
                  criterion,
                  judged.map(({ verdicts }) => verdicts[i]!),
                  rule,
                ),
              ),
        rating: rated.length === 0 ? null : combineRatings(rated, rule),
        replies: members.flatMap(({ replies }) => replies),
        usage: members.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE),
        members,
      };
    },
  };
}

type Scored<V> = Extract<V, { readonly status: "scored" }>;

function scoredOf<V extends { readonly status: string }>(verdicts: readonly V[]): readonly Scored<V>[] {
  return verdicts.filter((verdict): verdict is Scored<V> => verdict.status === "scored");
}

function combine(
  criterion: Criterion,
  verdicts: readonly CriterionVerdict[],
  rule: PanelRule,
): CriterionVerdict {
  const scored = scoredOf(verdicts);
  if (scored.length === 0) return withoutScore(verdicts);
  if (rule === "mean")
    return { status: "scored", value: meanOf(scored.map(({ value }) => value)), reason: null };
  const ballots = new Map<string, Scored<CriterionVerdict>[]>();
  for (const verdict of scored) {
    const ballot =
      criterion.choices === undefined
        ? String(verdict.value >= 0.5)
        : (verdict.choice ?? String(verdict.value));
    ballots.set(ballot, [...(ballots.get(ballot) ?? []), verdict]);
  }
  const most = Math.max(...[...ballots.values()].map(({ length }) => length));
  const [winner, ...others] = [...ballots.values()].filter(({ length }) => length === most);
  if (others.length > 0) return { status: "abstained", reason: `the panel is split ${most} to ${most}` };
  const { value, choice, reason } = winner![0]!;
  return {
    status: "scored",
    value: criterion.choices === undefined ? Number(value >= 0.5) : value,
    ...(choice !== undefined && { choice }),
    reason,
  };
}

function combineRatings(ratings: readonly RatingVerdict[], rule: PanelRule): RatingVerdict {
  const scored = scoredOf(ratings);
  if (scored.length === 0) return withoutScore(ratings);
  const { lowest, highest } = scored[0]!;
  if (scored.some((one) => one.lowest !== lowest || one.highest !== highest))
    throw new ConfigError("the panel's judges rate on different scales; use judges of one mode");
  const values = scored.map(({ rating }) => rating);
  const rating = rule === "mean" ? meanOf(values) : medianOf(values);
  return { status: "scored", rating, lowest, highest, reason: null };
}

function withoutScore<V extends CriterionVerdict | RatingVerdict>(verdicts: readonly V[]): V {
  return verdicts.find(({ status }) => status === "abstained") ?? verdicts[0]!;
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
