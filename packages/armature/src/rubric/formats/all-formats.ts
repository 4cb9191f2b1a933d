import { nearestWord } from "../../config/nearest-word.ts";
import { ConfigError } from "../../errors.ts";
import { autorubricFormat } from "./autorubric.ts";
import { chasingTheTailFormat } from "./chasing-the-tail.ts";
import { checklistMapFormat, helloBenchFormat, infoBenchFormat } from "./checklists.ts";
import {
  deepResearchBenchFormat,
  researcherBenchFormat,
  researchQaFormat,
  scholarQaFormat,
} from "./deep-research.ts";
import { drTuluFormat } from "./dr-tulu.ts";
import { fieldsFormat } from "./fields.ts";
import { bigGenFormat, prometheusFormat, writingBenchFormat } from "./graded-levels.ts";
import { hbqModuleFormat } from "./hbq-modules.ts";
import { healthBenchFormat } from "./healthbench.ts";
import { markdownFormat } from "./markdown.ts";
import { multiChallengeFormat, nemoGymFormat } from "./multi-challenge.ts";
import { nativeFormat } from "./native.ts";
import { openRubricsFormat } from "./open-rubrics.ts";
import { oumiFormat } from "./oumi.ts";
import { prBenchFormat } from "./prbench.ts";
import { prometheusPairFormat, prometheusPromptFormat } from "./prometheus-text.ts";
import { promptfooFormat } from "./promptfoo.ts";
import { rarFormat } from "./rar.ts";
import type { RubricFormat } from "./rubric-format.ts";
import { rubricHubFormat } from "./rubric-hub.ts";
import { armTextFormat, linesFormat } from "./text-lists.ts";
import { tinkerCookbookFormat } from "./tinker-cookbook.ts";
import { verifiableInstructionsFormat } from "./verifiable-instructions.ts";
import { verifiersFormat } from "./verifiers.ts";

/** Every format, ours first; `fields` takes what none of the others knows. */
export const RUBRIC_FORMATS: readonly RubricFormat[] = [
  nativeFormat,
  markdownFormat,
  armTextFormat,
  linesFormat,
  healthBenchFormat,
  rarFormat,
  openRubricsFormat,
  chasingTheTailFormat,
  rubricHubFormat,
  prBenchFormat,
  verifiersFormat,
  autorubricFormat,
  promptfooFormat,
  oumiFormat,
  tinkerCookbookFormat,
  drTuluFormat,
  nemoGymFormat,
  multiChallengeFormat,
  infoBenchFormat,
  helloBenchFormat,
  checklistMapFormat,
  bigGenFormat,
  prometheusFormat,
  prometheusPairFormat,
  prometheusPromptFormat,
  writingBenchFormat,
  researchQaFormat,
  researcherBenchFormat,
  scholarQaFormat,
  deepResearchBenchFormat,
  hbqModuleFormat,
  verifiableInstructionsFormat,
  fieldsFormat,
];

/** The format of a name; `option` is where it was given. @throws ConfigError with the nearest known name. */
export function rubricFormat(name: string, option = "--format"): RubricFormat {
  const format = RUBRIC_FORMATS.find((candidate) => candidate.name === name);
  if (format !== undefined) return format;
  const names = RUBRIC_FORMATS.map((candidate) => candidate.name);
  const near = nearestWord(name, names);
  const mend = near === null ? `known are ${names.join(", ")}` : `did you mean ${near}?`;
  throw new ConfigError(`${option} ${name}: no such format; ${mend}`);
}
