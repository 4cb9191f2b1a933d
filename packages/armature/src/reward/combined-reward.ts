import type { PolicyReward, Preference, ResponsePair, ResponseReward } from "./policy-reward.ts";

/** One reward of a combination. */
export interface RewardPart {
  readonly reward: PolicyReward;
  /** Factor of its value in the sum; 0 leaves it out of the sum. */
  readonly weight: number;
  /** Least value, else the gate is closed; null is no gate. */
  readonly gate: number | null;
}

/** How rewards are combined. */
export interface RewardCombination {
  /** By names, which components are logged under. */
  readonly parts: Readonly<Record<string, RewardPart>>;
  /** The value where a gate is closed. */
  readonly closedValue: number;
  /** `perToken` is taken off for each token above `from`. */
  readonly lengthPenalty: { readonly from: number; readonly perToken: number } | null;
}

type Options = Parameters<PolicyReward["reward"]>[1];

/**
 * Σ weight · value − penalty, or `closedValue` where a part stays below its gate. Null where a part that has a weight or a gate is
 * null: what is not known closes no gate and is no zero. Components: each part's value by its name, each of its components as
 * `name.component`, `open` (all gates) and `lengthPenalty` (0 or below).
 *
 * Of two responses, one with open gates wins over one without, and two without tie. Else the sign of Σ weight · difference
 * decides: for a part that rates each response by itself the difference of its values, for one that compares with a greedy
 * response 1, −1 or 0 by its own preference. A gate must rate each response by itself.
 */
export function combinedReward(combination: RewardCombination): PolicyReward {
  const parts = Object.entries(combination.parts);
  return {
    id: `combined(${parts.map(([name, part]) => `${name}: ${partText(part)}`).join(", ")}${penaltyText(combination)})`,
    needsGreedy: parts.some(([, { reward }]) => reward.needsGreedy),
    async reward(groups, options) {
      const rewards = await Promise.all(
        parts.map(async ([name, part]) => [name, await part.reward.reward(groups, options)] as const),
      );
      return groups.map(({ responses, tokens }, g) =>
        responses.map((_, r) => {
          const own = rewards.map(([name, groupRewards]) => [name, groupRewards[g]![r]!] as const);
          return combine(combination, new Map(own), tokens[r]!);
        }),
      );
    },
    prefer: (pairs, options) => prefer(combination, pairs, options),
  };
}

function combine(
  { parts, closedValue, lengthPenalty }: RewardCombination,
  rewards: ReadonlyMap<string, ResponseReward>,
  tokens: number,
): ResponseReward {
  const gates = Object.entries(parts).map(([name, { gate }]) => isOpen(gate, rewards.get(name)!.value));
  const open = allOpen(gates);
  const penalty = penaltyOf(lengthPenalty, tokens);
  const summed = Object.entries(parts).filter(([, { weight }]) => weight !== 0);
  const values = summed.map(([name]) => rewards.get(name)!.value);
  const sum = values.includes(null)
    ? null
    : summed.reduce((total, [, { weight }], i) => total + weight * values[i]!, 0) - penalty;
  return {
    value: open === null || sum === null ? null : open ? sum : closedValue,
    components: {
      ...Object.fromEntries(
        [...rewards].flatMap(([name, { value, components }]) => [
          [name, value],
          ...Object.entries(components).map(([component, own]) => [`${name}.${component}`, own] as const),
        ]),
      ),
      ...(gates.some((gate) => gate !== undefined) && { open: open === null ? null : Number(open) }),
      ...(lengthPenalty !== null && { lengthPenalty: penalty === 0 ? 0 : -penalty }),
    },
  };
}

async function prefer(
  { parts, lengthPenalty }: RewardCombination,
  pairs: readonly ResponsePair[],
  options: Options,
): Promise<readonly Preference[]> {
  const compared = await Promise.all(
    Object.values(parts)
      .filter(({ weight, gate }) => weight !== 0 || gate !== null)
      .map(async ({ reward, weight, gate }) => {
        if (reward.needsGreedy) {
          const preferred = await reward.prefer(pairs, options);
          return {
            gates: preferred.map(() => [undefined, undefined] as const),
            differences: preferred.map((p) => differenceOf(p, weight)),
          };
        }
        const rated = await reward.reward(
          pairs.map(({ prompt, first, second, tokens }) => ({ prompt, responses: [first, second], tokens })),
          options,
        );
        return {
          gates: rated.map((two) => two.map(({ value }) => isOpen(gate, value))),
          differences: rated.map(([first, second]) =>
            weight === 0
              ? 0
              : first!.value === null || second!.value === null
                ? null
                : weight * (first!.value - second!.value),
          ),
        };
      }),
  );
  return pairs.map(({ tokens }, i): Preference => {
    const [first, second] = [0, 1].map((side) => allOpen(compared.map(({ gates }) => gates[i]![side])));
    if (first === null || second === null) return "undecided";
    if (first !== second) return first ? "first" : "second";
    if (!first) return "tie";
    const differences = compared.map((part) => part.differences[i]!);
    if (differences.some((difference) => difference === null)) return "undecided";
    const [own, other] = tokens.map((count) => penaltyOf(lengthPenalty, count));
    const total = differences.reduce<number>((sum, difference) => sum + difference!, other! - own!);
    return total === 0 ? "tie" : total > 0 ? "first" : "second";
  });
}

/** Undefined where there is no gate; null where it is not known. */
function isOpen(gate: number | null, value: number | null): boolean | null | undefined {
  if (gate === null) return undefined;
  return value === null ? null : value >= gate;
}

/** A closed gate closes whatever is not known of the others. */
function allOpen(gates: readonly (boolean | null | undefined)[]): boolean | null {
  return gates.includes(false) ? false : gates.includes(null) ? null : true;
}

function differenceOf(preference: Preference, weight: number): number | null {
  if (preference === "undecided") return null;
  return preference === "tie" ? 0 : preference === "first" ? weight : -weight;
}

function penaltyOf(penalty: RewardCombination["lengthPenalty"], tokens: number): number {
  return penalty === null ? 0 : penalty.perToken * Math.max(0, tokens - penalty.from);
}

function partText({ reward, weight, gate }: RewardPart): string {
  return `${weight} × ${reward.id}${gate === null ? "" : ` from ${gate}`}`;
}

function penaltyText({ lengthPenalty }: RewardCombination): string {
  return lengthPenalty === null ? "" : `, −${lengthPenalty.perToken} a token above ${lengthPenalty.from}`;
}
