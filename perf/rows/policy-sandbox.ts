import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PolicyComparison } from "../../packages/armature/src/policy/evaluation/compare-policies.ts";
import type { Row } from "../row.ts";

const METHODS = ["grpo", "dpo"] as const;

export const row: Row = {
  name: "policy-sandbox",
  what: "policies trained with Rubric-ARM's trained reward against the same method with the warm-up judge, and against their start: true win rate in the sandbox, three seeds",
  bar: "GRPO and DPO: 95 % intervals of the true win rate against the start lie above those of the warm-up judge and of the start itself, and both direct comparisons lie above 50 %",
  async measure() {
    // A named folder keeps finished runs, so that a measurement that was stopped goes on.
    const runs = process.env["ARMATURE_PERF_RUNS"] ?? mkdtempSync(join(tmpdir(), "armature-policy-sandbox-"));
    const out = join(runs, "compared");
    const { status } = spawnSync(
      process.execPath,
      [
        ...["--import", "tsx", "--conditions=armature-source"],
        join(import.meta.dirname, "../../recipes/arm-policy/run.ts"),
        ...["--runs", runs, "--out", out, "--methods", METHODS.join()],
        ...["--rewards", "rubric-arm,warm-up-judge"],
      ],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    if (status !== 0) throw new Error(`recipes/arm-policy/run.ts ended with ${status}`);
    const compared = JSON.parse(readFileSync(join(out, "results.json"), "utf8")) as PolicyComparison;
    const methods = METHODS.map((method) => ({ method, ...verdictOf(compared, method) }));
    return {
      value: Math.min(...methods.map(({ againstWarmUp }) => 100 * againstWarmUp.value)),
      unit: "% true win rate against the warm-up judge's policy, the lower of both methods",
      holds: methods.every(({ holds }) => holds),
      detail: { methods, policies: compared.policies },
    };
  },
};

/** What the bar says of one method. */
function verdictOf({ policies, duels }: PolicyComparison, method: string) {
  const winRate = (name: string) => policies.find((policy) => policy.name === name)!.trueWinRate!;
  const duel = (first: string, second: string) =>
    duels.find((each) => each.first === first && each.second === second)!;
  const [arm, warm] = [`${method}, rubric-arm`, `${method}, warm-up judge`] as const;
  const againstWarmUp = duel(arm, warm).winRate;
  const baseAgainstArm = duel("base", arm).winRate;
  const apart = winRate(arm).low > winRate(warm).high && winRate(arm).low > winRate("base").high;
  return {
    rubricArm: winRate(arm),
    warmUp: winRate(warm),
    start: winRate("base"),
    againstWarmUp,
    bySeed: duel(arm, warm).bySeed,
    holds: apart && againstWarmUp.low > 0.5 && baseAgainstArm.high < 0.5,
  };
}
