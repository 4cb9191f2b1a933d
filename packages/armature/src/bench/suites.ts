import { nearestWord } from "../config/nearest-word.ts";
import { ConfigError } from "../errors.ts";
import type { BenchSuite } from "./bench-suite.ts";
import { ifbenchRm, judgeBenchKnowledge, rmBenchChat } from "./suites/agentic-rewards.ts";
import { autoJ } from "./suites/auto-j.ts";
import { evalbiasbench } from "./suites/evalbiasbench.ts";
import { helpSteer3 } from "./suites/helpsteer3.ts";
import { hhh, hhRlhf } from "./suites/hh-rlhf.ts";
import { judgeBench } from "./suites/judge-bench.ts";
import { llmbar } from "./suites/llmbar.ts";
import { pairFiles, preferencePairs } from "./suites/pair-files.ts";
import { pandalm } from "./suites/pandalm.ts";
import { ppeCorrectness, ppeHuman } from "./suites/ppe.ts";
import { rewardBench } from "./suites/reward-bench.ts";
import { rewardBench2 } from "./suites/reward-bench-2.ts";
import { rmBench } from "./suites/rm-bench.ts";
import { followBench, infoBench } from "./suites/verified-answers.ts";
import { writingPreference } from "./suites/writing-preference.ts";

/** Every suite, by name. */
export const SUITES: ReadonlyMap<string, BenchSuite> = new Map(
  [
    ...[llmbar, evalbiasbench, pandalm, ifbenchRm, rmBenchChat, judgeBenchKnowledge, hhRlhf, hhh],
    ...[preferencePairs, rewardBench, rewardBench2, rmBench, judgeBench, ppeHuman, ppeCorrectness],
    ...[helpSteer3, autoJ, infoBench, followBench, writingPreference, pairFiles],
  ].map((suite) => [suite.name, suite]),
);

/** A suite by its name. Throws `ConfigError` that names the nearest one. */
export function suiteNamed(name: string): BenchSuite {
  const suite = SUITES.get(name);
  if (suite !== undefined) return suite;
  const near = nearestWord(name, [...SUITES.keys()]);
  throw new ConfigError(
    `no suite and no file ${name}${near === null ? "" : `; did you mean ${near}?`} Suites are ${[...SUITES.keys()].join(", ")}`,
  );
}
