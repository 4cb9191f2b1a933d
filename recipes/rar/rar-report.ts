import { RESPONSE_VALUES } from "../../packages/armature/src/policy/evaluation-values.ts";
import type { Report } from "../../packages/armature/src/run/report.ts";
import { changeText, estimateText } from "../../packages/armature/src/run/report-number.ts";
import { runVersions } from "../../packages/armature/src/run/run-identity.ts";
import { differenceOf, finalValues, meanOf } from "../../perf/sandbox/arm-estimates.ts";
import type { ArmRuns } from "../../perf/sandbox/policy-arms.ts";

const SETTINGS = { seed: 0, resamples: 1000 };

/** The arm that the others are compared with. */
const MAIN = "explicit";

/** What the trained policies of all arms are worth, with intervals over seeds and prompts. */
export function rarReport(runs: ArmRuns): Report {
  const values = [...runs].map(([arm, folders]) => ({
    arm,
    winRate: finalValues(folders, RESPONSE_VALUES.winRate),
    trueReward: finalValues(folders, RESPONSE_VALUES.trueReward),
    rulesKept: finalValues(folders, RESPONSE_VALUES.rulesKept),
    validNotes: finalValues(folders, RESPONSE_VALUES.validNotes),
    proxy: finalValues(folders, RESPONSE_VALUES.proxy),
    kl: finalValues(folders, RESPONSE_VALUES.kl),
  }));
  const main = values.find(({ arm }) => arm === MAIN)!;
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
          ...["true reward of valid notes", "rules kept", "valid notes", "the reward itself", "KL, nats"],
        ],
        rows: values.map((one) => [
          one.arm,
          one.winRate.length,
          estimateText(meanOf(one.winRate, SETTINGS), "percent"),
          one === main ? "" : changeText(differenceOf(one.winRate, main.winRate, SETTINGS), "percent"),
          estimateText(meanOf(one.trueReward, SETTINGS), "number"),
          estimateText(meanOf(one.rulesKept, SETTINGS), "percent"),
          estimateText(meanOf(one.validNotes, SETTINGS), "percent"),
          estimateText(meanOf(one.proxy, SETTINGS), "number"),
          estimateText(meanOf(one.kl, SETTINGS), "number"),
        ]),
        caption: "Rewards of different kinds have different scales; they are not to be compared.",
      },
    ],
    examples: [],
    notes: [
      "All raters and readers here are scripts. That a rater without rubric overlooks every other broken rule is built in, so its loss to the rubric shows nothing about language models.",
    ],
    facts: Object.entries(runVersions()).map(([label, value]) => ({ label, value })),
  };
}
