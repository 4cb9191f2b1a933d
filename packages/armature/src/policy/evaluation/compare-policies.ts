import { ConfigError } from "../../errors.ts";
import { type BootstrapSettings, bootstrapMean, type Interval } from "../../evaluation/bootstrap.ts";
import type { EvaluatedResponse, PolicyEvaluation } from "./policy-evaluation.ts";
import { distinctShare } from "./response-diversity.ts";

/** A policy, or policies of one recipe and several seeds, measured on the same prompts as those it is compared with. */
export interface MeasuredPolicy {
  readonly name: string;
  /** One per seed. */
  readonly evaluations: readonly PolicyEvaluation[];
}

/** What a policy is measured by. Intervals are over prompts; a prompt's responses of all seeds are one cluster. */
export interface PolicyMeasures {
  readonly name: string;
  readonly seeds: number;
  /** Null where nothing was measured: the truth outside of the sandbox. */
  readonly trueWinRate: Interval | null;
  readonly trueReward: Interval | null;
  readonly validNotes: Interval | null;
  readonly rulesKept: Interval | null;
  readonly klToBase: Interval | null;
  readonly tokens: Interval | null;
  /** Share of distinct responses of a seed, the mean over seeds. */
  readonly distinctResponses: number;
}

/** How often the first policy's response is truly better than the second's; ½ for equal ones. */
export interface PolicyDuel {
  readonly first: string;
  readonly second: string;
  readonly winRate: Interval;
  /** The same of each seed by itself. */
  readonly bySeed: readonly number[];
}

/** Policies side by side. */
export interface PolicyComparison {
  readonly policies: readonly PolicyMeasures[];
  /** Every policy against every later one; empty outside of the sandbox. */
  readonly duels: readonly PolicyDuel[];
}

/**
 * Compares policies that were evaluated on the same prompts. In a duel every response of the one meets every response of the
 * other to the same prompt; of several seeds, equal ones meet. Throws `ConfigError` for evaluations that do not go together.
 */
export function comparePolicies(
  policies: readonly MeasuredPolicy[],
  bootstrap: BootstrapSettings,
): PolicyComparison {
  checkSamePrompts(policies);
  return {
    policies: policies.map((policy) => measuresOf(policy, bootstrap)),
    duels: policies.flatMap((first, i) =>
      policies.slice(i + 1).flatMap((second) => duelOf(first, second, bootstrap) ?? []),
    ),
  };
}

/**
 * True win rates of the first evaluation against the second, prompt by prompt: one value per response of the first, against all of
 * the second. A text that is no note loses to every note and equals another that is none. Empty without truth.
 */
export function trueWins(first: PolicyEvaluation, second: PolicyEvaluation): readonly (readonly number[])[] {
  return first.prompts.map(({ responses }, i) => {
    const others = second.prompts[i]!.responses.flatMap(rankOf);
    if (others.length === 0) return [];
    return responses
      .flatMap(rankOf)
      .map((rank) => mean(others.map((other) => (Math.sign(rank - other) + 1) / 2)));
  });
}

function measuresOf({ name, evaluations }: MeasuredPolicy, bootstrap: BootstrapSettings): PolicyMeasures {
  const measure = (pick: (response: EvaluatedResponse) => number | null | undefined) =>
    bootstrapMean(
      byPrompt(evaluations.map(({ prompts }) => prompts.map(({ responses }) => known(responses.map(pick))))),
      bootstrap,
    );
  return {
    name,
    seeds: evaluations.length,
    trueWinRate: measure(({ truth }) => truth?.winRate),
    trueReward: measure(({ truth }) => truth?.reward),
    validNotes: measure(({ truth }) => (truth === undefined ? null : Number(truth.reward !== null))),
    rulesKept: measure(({ truth }) => truth?.rulesKept),
    klToBase: measure(({ logRatio }) => logRatio),
    tokens: measure(({ tokens }) => tokens),
    distinctResponses: mean(
      evaluations.map(({ prompts }) =>
        distinctShare(prompts.flatMap(({ responses }) => responses.map(({ text }) => text))),
      ),
    ),
  };
}

function duelOf(
  first: MeasuredPolicy,
  second: MeasuredPolicy,
  bootstrap: BootstrapSettings,
): PolicyDuel | null {
  const met = meetings(first, second);
  const wins = met.map(([one, other]) => trueWins(one, other));
  const winRate = bootstrapMean(byPrompt(wins), bootstrap);
  if (winRate === null) return null;
  const bySeed = wins.map((prompts) => mean(prompts.flat()));
  return { first: first.name, second: second.name, winRate, bySeed };
}

/** Equal seeds meet; a policy without seeds of its own, as the base policy, meets them all. */
function meetings(
  first: MeasuredPolicy,
  second: MeasuredPolicy,
): readonly (readonly [PolicyEvaluation, PolicyEvaluation])[] {
  const count = Math.max(first.evaluations.length, second.evaluations.length);
  const at = ({ evaluations }: MeasuredPolicy, i: number) => evaluations[evaluations.length === 1 ? 0 : i]!;
  return Array.from({ length: count }, (_, i) => [at(first, i), at(second, i)] as const);
}

/** Values of all lists by prompt. */
function byPrompt(lists: readonly (readonly (readonly number[])[])[]): readonly (readonly number[])[] {
  return lists[0]!.map((_, prompt) => lists.flatMap((list) => list[prompt]!));
}

function checkSamePrompts(policies: readonly MeasuredPolicy[]): void {
  const [first] = policies;
  if (first === undefined) throw new ConfigError("there are no policies to compare; name at least one");
  const idsOf = ({ prompts }: PolicyEvaluation) => prompts.map(({ id }) => id).join(" ");
  const expected = idsOf(first.evaluations[0]!);
  const seeds = Math.max(...policies.map(({ evaluations }) => evaluations.length));
  for (const { name, evaluations } of policies) {
    if (evaluations.length !== 1 && evaluations.length !== seeds)
      throw new ConfigError(
        `${name} has ${evaluations.length} seeds and another policy ${seeds}; give equally many`,
      );
    if (evaluations.some((evaluation) => idsOf(evaluation) !== expected))
      throw new ConfigError(
        `${name} was measured on other prompts than ${first.name}; measure both on the same`,
      );
  }
}

function rankOf({ truth }: EvaluatedResponse): number | [] {
  return truth === undefined ? [] : (truth.reward ?? -1);
}

function known(values: readonly (number | null | undefined)[]): readonly number[] {
  return values.filter((value) => value !== null && value !== undefined);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
