import { nearestWord } from "../config/nearest-word.ts";
import { RowFault } from "../data/row-fields.ts";
import { ConfigError } from "../errors.ts";
import { NO_USAGE } from "../llm/language-model.ts";
import type { Criterion, Rubric } from "../rubric/rubric.ts";
import type { CriterionVerdict } from "./criterion-verdict.ts";
import { PROGRAMS } from "./programs/programs.ts";
import type { TextCheck } from "./programs/text-program.ts";
import type { RubricJudge } from "./rubric-judge.ts";

/** The checks of a rubric's criteria, in order. Throws `ConfigError` as `programJudge`. */
export function programChecks(rubric: Rubric): readonly TextCheck[] {
  return rubric.criteria.map(checkOf);
}

/**
 * A judge that reads nothing and asks nobody: the program that a criterion's `verifier` names gives its verdict, 0 or 1, and
 * abstains where the criterion does not apply to the prompt. Throws `ConfigError` naming the criterion where it has no
 * verifier, or one that is unknown or lacks a parameter.
 */
export function programJudge(): RubricJudge {
  const known = new WeakMap<Rubric, readonly TextCheck[]>();
  const checksOf = (rubric: Rubric) => {
    const checks = known.get(rubric) ?? programChecks(rubric);
    known.set(rubric, checks);
    return checks;
  };
  return {
    id: "program",
    judge: async ({ prompt, response, rubric }) => ({
      verdicts: checksOf(rubric).map((check): CriterionVerdict => {
        const holds = check(prompt, response);
        return holds === null
          ? { status: "abstained", reason: "does not apply to the prompt" }
          : { status: "scored", value: Number(holds), reason: null };
      }),
      rating: null,
      replies: [],
      usage: NO_USAGE,
    }),
  };
}

function checkOf({ id, verifier }: Criterion): TextCheck {
  if (verifier === undefined)
    throw new ConfigError(`criterion ${id}: has no verifier; name a program, or let a model judge it`);
  const { name, parameters } = verifier;
  if (!Object.hasOwn(PROGRAMS, name)) {
    const near = nearestWord(name, Object.keys(PROGRAMS));
    const mend = near === null ? "see docs/policy-rewards.md for the programs" : `did you mean ${near}?`;
    throw new ConfigError(`criterion ${id}: no program is named ${JSON.stringify(name)}; ${mend}`);
  }
  try {
    return PROGRAMS[name]!(parameters);
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    throw new ConfigError(`criterion ${id}: verifier.parameters of ${name}: ${error.message}`);
  }
}
