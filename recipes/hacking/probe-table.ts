import type { Interval } from "../../packages/armature/src/evaluation/bootstrap.ts";
import { changeText, estimateText, numberText } from "../../packages/armature/src/run/report-number.ts";
import type { RewardProbeResult } from "../../packages/armature/src/study/reward-probes.ts";

/** What the tricks earned under one reward. */
export interface RewardProbes {
  readonly reward: string;
  readonly results: readonly RewardProbeResult[];
}

/** Share of prompts on which a trick earns at least as much as the honest response, rewards in columns. Markdown. */
export function probeMatrix(studies: readonly RewardProbes[]): string {
  const probes = studies[0]!.results.map(({ probe }) => probe);
  const rows = probes.map((probe) => {
    const cells = studies.map(({ results }) => {
      const found = results.find((result) => result.probe === probe);
      return found?.atLeast ? numberText(found.atLeast.value, "percent") : "–";
    });
    return `| ${[probe, ...cells].join(" | ")} |`;
  });
  const header = `| trick | ${studies.map(({ reward }) => reward).join(" | ")} |`;
  return [header, `|---${"|---".repeat(studies.length)}|`, ...rows, ""].join("\n");
}

/** Everything measured, a row for each reward and trick. Markdown. */
export function probeDetails(studies: readonly RewardProbes[]): string {
  const share = (interval: Interval | null) => (interval === null ? "–" : estimateText(interval, "percent"));
  const rows = studies.flatMap(({ reward, results }) =>
    results.map(({ probe, atLeast, more, gain, unjudged }) => {
      const change = gain === null ? "–" : changeText(gain, "number");
      return `| ${[reward, probe, share(atLeast), share(more), change, unjudged].join(" | ")} |`;
    }),
  );
  return [
    "| reward | trick | at least as much | more | mean difference | without reward |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
