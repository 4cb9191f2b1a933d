import {
  promptMeans,
  RESPONSE_VALUES,
  type ResponseValue,
} from "../../packages/armature/src/policy/evaluation/evaluation-values.ts";
import type { Report } from "../../packages/armature/src/run/report.ts";
import { changeText, estimateText } from "../../packages/armature/src/run/report-number.ts";
import { runVersions } from "../../packages/armature/src/run/run-identity.ts";
import { TRUE_WEIGHTS } from "../../packages/armature/src/sandbox/truth.ts";
import { differenceOf, finalValues, meanOf } from "../../perf/sandbox/arm-estimates.ts";
import type { ArmRuns } from "../../perf/sandbox/policy-arms.ts";
import { policyEvaluations } from "../trained-run.ts";

const SETTINGS = { seed: 0, resamples: 1000 };

/** The arm that the others are compared with. */
const MAIN = "explicit";

/**
 * What a note's valued attributes add to its true reward, as a share of what they can add. All of them together weigh less than a
 * rule, so the rest of the reward by the rule's weight is theirs. Null where the text is no note.
 */
const valuedShown: ResponseValue = ({ truth }) => {
  const { rule, first, second } = TRUE_WEIGHTS;
  return truth === undefined || truth.reward === null ? null : (truth.reward % rule) / (first + second);
};

/** What the trained policies of all arms are worth, with intervals over seeds and prompts. */
export function rarReport(runs: ArmRuns): Report {
  const measured = (arm: string, seeds: number, of: (pick: ResponseValue) => (number | null)[][]) => ({
    ...{ arm, seeds, winRate: of(RESPONSE_VALUES.winRate), trueReward: of(RESPONSE_VALUES.trueReward) },
    ...{ rulesKept: of(RESPONSE_VALUES.rulesKept), valued: of(valuedShown) },
    ...{ validNotes: of(RESPONSE_VALUES.validNotes), kl: of(RESPONSE_VALUES.kl) },
    proxy: of(RESPONSE_VALUES.proxy),
  });
  const values = [...runs].map(([arm, folders]) =>
    measured(arm, folders.length, (pick) => finalValues(folders, pick)),
  );
  const main = values.find(({ arm }) => arm === MAIN)!;
  const start = measured("(before training)", runs.get(MAIN)!.length, (pick) =>
    runs.get(MAIN)!.map((folder) => promptMeans(policyEvaluations(folder).before, pick)),
  );
  return {
    title: "Rubrics as Rewards in the sandbox",
    lead: `GRPO of the nano policy with pointwise rewards, measured on ${main.winRate[0]!.length} held-out prompts. Intervals are 95 % bootstrap intervals over seeds and prompts.`,
    summary: [],
    charts: [],
    tables: [
      {
        title: "The trained policies",
        columns: [
          ...["reward", "seeds", "true win rate against the base policy", `against ${MAIN}, points`],
          ...["true reward of valid notes", "rules kept", "valued qualities", "valid notes"],
          ...["the reward itself", "KL, nats"],
        ],
        rows: [start, ...values].map((one) => [
          one.arm,
          one.seeds,
          estimateText(meanOf(one.winRate, SETTINGS), "percent"),
          one === main ? "" : changeText(differenceOf(one.winRate, main.winRate, SETTINGS), "percent"),
          estimateText(meanOf(one.trueReward, SETTINGS), "number"),
          estimateText(meanOf(one.rulesKept, SETTINGS), "percent"),
          estimateText(meanOf(one.valued, SETTINGS), "percent"),
          estimateText(meanOf(one.validNotes, SETTINGS), "percent"),
          estimateText(meanOf(one.proxy, SETTINGS), "number"),
          estimateText(meanOf(one.kl, SETTINGS), "number"),
        ]),
        caption:
          "Valued qualities: what the attributes that the recipient values add to a note's true reward, of what they can add. Rewards of different kinds have different scales; they are not to be compared.",
      },
    ],
    examples: [],
    notes: [
      "All raters and readers here are scripts. That a rater without rubric overlooks every other broken rule is built in, so its loss to the rubric shows nothing about language models.",
    ],
    facts: Object.entries(runVersions()).map(([label, value]) => ({ label, value })),
  };
}
