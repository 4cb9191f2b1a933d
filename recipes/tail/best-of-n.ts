import type { Interval } from "../../packages/armature/src/evaluation/bootstrap.ts";
import { pointwiseReward } from "../../packages/armature/src/reward/pointwise-reward.ts";
import type { PolicyReward } from "../../packages/armature/src/reward/policy-reward.ts";
import { sandboxRubricReward } from "../../packages/armature/src/reward/sandbox-rubric-reward.ts";
import { openScalarReward } from "../../packages/armature/src/reward/scalar-reward.ts";
import { programReader } from "../../packages/armature/src/sandbox/note-reader.ts";
import { noteTruth } from "../../packages/armature/src/sandbox/note-truth.ts";
import { policyPrompts } from "../../packages/armature/src/sandbox/policy-prompts.ts";
import { regionAccuracy } from "../../packages/armature/src/study/region-accuracy.ts";
import type { ScoredResponses } from "../../packages/armature/src/study/scored-responses.ts";
import { studyTail, type TailStudy } from "../../packages/armature/src/study/tail-empirical.ts";
import { policyResponses } from "./candidates.ts";
import { BRADLEY_TERRY, type TailExperiment } from "./experiment.ts";

const PROMPTS = 100;
const RESPONSES = 64;
const GREAT_RESPONSES = 8;
/** Share of a prompt's responses that makes the high-reward region. */
const TOP_SHARE = 0.25;
const SETTINGS = { seed: 0, resamples: 1000 };
/** Below every note: a text that is none. */
const NO_NOTE = -1;

/** A reward against the truth, on responses that no training has touched. */
export interface RewardStudy {
  readonly reward: string;
  /** On responses of the warm-up policy. */
  readonly study: TailStudy;
  /** Accuracy over pairs of the strong policy's responses, ties wrong. */
  readonly onGreat: Interval | null;
}

/** Every reward of the experiment on the same responses to held-out prompts. */
export async function rewardStudies({
  rubrics,
  bradleyTerry,
  great,
}: TailExperiment): Promise<readonly RewardStudy[]> {
  const prompts = policyPrompts().heldOut.slice(0, PROMPTS);
  const base = await policyResponses(null, prompts, RESPONSES, "best of n");
  const strong = await policyResponses(great, prompts, GREAT_RESPONSES, "strong responses");
  const scored = async (reward: Pick<PolicyReward, "reward">, responses: readonly (readonly string[])[]) => {
    const rewards = await reward.reward(
      prompts.map((prompt, i) => ({ prompt, responses: responses[i]!, tokens: [] })),
    );
    return prompts.map((prompt, i): ScoredResponses => {
      const known = responses[i]!.map((text, j) => ({ text, proxy: rewards[i]![j]!.value })).filter(
        (one): one is { text: string; proxy: number } => one.proxy !== null,
      );
      return {
        prompt: prompt.id,
        proxy: known.map(({ proxy }) => proxy),
        gold: known.map(({ text }) => noteTruth(prompt, text).reward ?? NO_NOTE),
      };
    });
  };
  const study = async (name: string, reward: Pick<PolicyReward, "reward">): Promise<RewardStudy> => ({
    reward: name,
    study: studyTail(await scored(reward, base), { ...SETTINGS, topShare: TOP_SHARE }),
    onGreat: regionAccuracy(await scored(reward, strong), TOP_SHARE, SETTINGS).all,
  });
  const studies: RewardStudy[] = [];
  for (const { condition, byPrompt } of rubrics)
    studies.push(
      await study(
        condition,
        sandboxRubricReward({
          source: condition,
          rubricsOf: async () => byPrompt,
          reader: programReader({ keywords: true, noise: 0, seed: 0 }),
          scoring: "chasing-the-tail",
          seed: 0,
        }),
      ),
    );
  const scalar = await openScalarReward(bradleyTerry, { threads: 1 });
  try {
    studies.push(
      await study(
        BRADLEY_TERRY,
        pointwiseReward(BRADLEY_TERRY, async (responses) =>
          (await scalar.scores(responses)).map((value) => ({ value, components: {} })),
        ),
      ),
    );
  } finally {
    await scalar.close();
  }
  return studies;
}
