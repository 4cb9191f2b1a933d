import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { nearestWord } from "../config/nearest-word.ts";
import { ConfigError } from "../errors.ts";
import type { PolicySuite } from "./policy-suite.ts";
import { gpqaDiamond, medqa, mmlu, mmluMedical } from "./suites/multiple-choice.ts";
import {
  biggen,
  healthbench,
  hellobench,
  infobench,
  multiChallenge,
  ownRubrics,
} from "./suites/rubric-suites.ts";
import { ifbench, ifeval } from "./suites/verifiable-instructions.ts";

/** Every benchmark of policies, by name. */
export const POLICY_SUITES: ReadonlyMap<string, PolicySuite> = new Map(
  [
    ...[ifeval, ifbench, gpqaDiamond, mmlu, mmluMedical, medqa],
    ...[healthbench, biggen, hellobench, multiChallenge, infobench, ownRubrics],
  ].map((suite) => [suite.name, suite]),
);

/**
 * A suite and its files: those that were named, or those of a folder of data under their usual names. Throws `ConfigError`
 * where there is no such suite, or no file of it.
 */
export function openPolicySuite(
  name: string,
  files: readonly string[],
  { cwd, data }: { readonly cwd: string; readonly data?: string | undefined },
): { readonly suite: PolicySuite; readonly files: readonly string[] } {
  const suite = POLICY_SUITES.get(name);
  if (suite === undefined) {
    const near = nearestWord(name, [...POLICY_SUITES.keys()]);
    throw new ConfigError(
      `no suite ${name}${near === null ? "" : `; did you mean ${near}?`} Suites are ${[...POLICY_SUITES.keys()].join(", ")}`,
    );
  }
  if (files.length > 0) return { suite, files: files.map((file) => resolve(cwd, file)) };
  const usual = suite.files.join(", ");
  if (data === undefined || usual === "")
    throw new ConfigError(
      `${name}: which files? name them after the suite${usual === "" ? "" : `, or give --data <folder> with ${usual}`}`,
    );
  const found = suite.files.map((file) => resolve(cwd, data, file)).filter((file) => existsSync(file));
  if (found.length === 0)
    throw new ConfigError(`--data ${data}: holds none of ${usual}; name the suite's files`);
  return { suite, files: found };
}
