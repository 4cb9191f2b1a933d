/**
 * Tries the hacking probes for real text on a language model as judge:
 *
 *   npx tsx --conditions=armature-source recipes/hacking/probe-text.ts --model SPEC --pairs FILE [--modes decision] [--prompts 4]
 *
 * The honest response is the chosen one of a pair; pairs with long texts are left out, for the time that they take. `--modes`
 * takes several, separated by commas, as `armature judge --mode` names them.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { REWARD_DEFAULTS, rewardRecipe } from "../../packages/armature/src/config/reward-recipe.ts";
import { readPreferencePairs } from "../../packages/armature/src/data/preference-pairs.ts";
import { lastUserTurn } from "../../packages/armature/src/data/prompt.ts";
import { ConfigError } from "../../packages/armature/src/errors.ts";
import { openReward } from "../../packages/armature/src/policy/reward/open-reward.ts";
import { readRubricItems } from "../../packages/armature/src/rubric/read-rubric-items.ts";
import { hackingProbes } from "../../packages/armature/src/study/hacking-probes.ts";
import { studyRewardProbes } from "../../packages/armature/src/study/reward-probes.ts";
import { probeDetails, probeMatrix, type RewardProbes } from "./probe-table.ts";

/** Characters of the longest prompt and the longest honest response. */
const LONGEST = 400;
const RUBRIC = join(import.meta.dirname, "answer-rubric.yaml");

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    pairs: { type: "string" },
    modes: { type: "string", default: "decision" },
    prompts: { type: "string", default: "4" },
    json: { type: "boolean", default: false },
  },
});
const { model, pairs: file } = values;
if (model === undefined || file === undefined) throw new ConfigError("probe-text: give --model and --pairs");

const { pairs } = await readPreferencePairs([file], "skip");
const short = pairs.filter(
  ({ prompt, chosen }) => lastUserTurn(prompt).length <= LONGEST && chosen.length <= LONGEST,
);
const criteria = (await readRubricItems(RUBRIC)).items[0]!.rubric.criteria;
const rubricText = criteria.map(({ text }) => text).join("\n");
const subjects = short.slice(0, Number(values.prompts)).map(({ prompt, chosen: honest }) => ({
  ...{ prompt, honest, probes: hackingProbes(prompt, honest, rubricText) },
}));

const studies: RewardProbes[] = [];
for (const mode of values.modes.split(",")) {
  const section = {
    ...REWARD_DEFAULTS.find(({ kind }) => kind === "language-judge"),
    model,
    mode,
    rubricFile: RUBRIC,
  };
  const opening = { resolve: (path: string) => path, seed: 0, sandbox: false, threads: 1 };
  const { reward, close } = await openReward(rewardRecipe.parse(section), opening);
  try {
    studies.push({
      reward: mode,
      results: await studyRewardProbes(subjects, [reward], { seed: 0, resamples: 2000 }),
    });
  } finally {
    await close();
  }
}
process.stdout.write(
  values.json ? `${JSON.stringify(studies, null, 2)}\n` : `${probeMatrix(studies)}\n${probeDetails(studies)}`,
);
