import type { RewardOf, RewardRecipe } from "../../config/reward-recipe.ts";
import { ConfigError } from "../../errors.ts";
import { combinedReward, type RewardPart } from "../../reward/combined-reward.ts";
import type { OpenReward } from "../../reward/policy-reward.ts";
import type { RewardOpening } from "./open-reward.ts";

/** Opens the parts of a combination by `open`. Throws `ConfigError` for parts that cannot be combined. */
export async function openCombined(
  { parts, closedValue, lengthPenalty }: RewardOf<"combined">,
  opening: RewardOpening,
  open: (recipe: RewardRecipe, opening: RewardOpening) => Promise<OpenReward>,
): Promise<OpenReward> {
  const named = Object.entries(parts);
  if (!named.some(([, { weight }]) => weight !== 0))
    throw new ConfigError("reward.parts: no part has a weight, so all rewards are equal; give one a weight");
  const opened: OpenReward[] = [];
  const close = async () => void (await Promise.all(opened.map((part) => part.close())));
  const combined: Record<string, RewardPart> = {};
  try {
    for (const [name, { weight, gate, reward: recipe }] of named) {
      const answers = opening.answers?.replace(/\.jsonl$/, `-${name}.jsonl`);
      const part = await open(recipe, { ...opening, ...(answers !== undefined && { answers }) });
      opened.push(part);
      if (gate !== null && part.reward.needsGreedy)
        throw new ConfigError(
          `reward.parts.${name}.gate: ${recipe.kind} compares responses and cannot be a gate; set gate to null`,
        );
      combined[name] = { reward: part.reward, weight, gate };
    }
    return { reward: combinedReward({ parts: combined, closedValue, lengthPenalty }), close };
  } catch (error) {
    await close();
    throw error;
  }
}
