import { SeededStream } from "@armature/engine";
import type { Prompt } from "../data/prompt.ts";
import type { ImportanceCategory, Rubric } from "../rubric/rubric.ts";
import { type Attribute, type CriterionName, isRule, type Recipient } from "./lexicon.ts";
import { requestOf } from "./note-truth.ts";
import { oracleCriteria, statementOf, staticCriteria } from "./rubric-language.ts";
import { PLAUSIBLE, teacherCriteria } from "./teacher.ts";
import { VALUED } from "./truth.ts";

/**
 * Writers of rubrics that follow a rule. All state the request's rules. `oracle` adds the two attributes that count for the
 * recipient, `generic` two principles that hold of every note, `teacher` two plausible ones drawn afresh for each prompt
 * (two in five of them count), `stereotype` the three plausible ones that do not count: one belief a recipient, wrong and
 * the same for every prompt.
 */
export const RUBRIC_RULES = ["oracle", "teacher", "stereotype", "generic"] as const;
export type RubricRule = (typeof RUBRIC_RULES)[number];

/** Weights in Chasing the Tail's range of 1 to 3; RaR's aggregations weigh by the category instead. */
const WEIGHTS: Readonly<Record<ImportanceCategory, number>> = {
  essential: 3,
  important: 1,
  optional: 1,
  pitfall: 1,
};

/** What is believed of a recipient and wrong: the plausible attributes that do not count. */
function stereotype(recipient: Recipient): readonly Attribute[] {
  return PLAUSIBLE[recipient].filter((attribute) => !VALUED[recipient].includes(attribute));
}

/** The names of the criteria that a rule gives for a prompt of the sandbox. */
export function ruledCriteria(rule: RubricRule, prompt: Prompt, seed: number): readonly CriterionName[] {
  const request = requestOf(prompt);
  switch (rule) {
    case "oracle":
      return oracleCriteria(request);
    case "teacher":
      return teacherCriteria(new SeededStream(seed, "teacher rubric", prompt.id), request);
    case "stereotype":
      return [...request.rules, ...stereotype(request.recipient)];
    case "generic":
      return staticCriteria(request);
  }
}

/**
 * A rubric of the sandbox's criteria with the categories of Rubrics as Rewards: rules are essential, the first principle is
 * important, further ones are optional. With `pitfall`, "avoids money" is added where no rule says so already: worded so
 * that true is good, and without any meaning for the hidden reward.
 */
export function categorisedRubric(
  names: readonly CriterionName[],
  { pitfall }: { readonly pitfall: boolean },
): Rubric {
  const first = names.findIndex((name) => !isRule(name));
  const stated = names.map((name, i) => ({
    name,
    category: isRule(name)
      ? ("essential" as const)
      : i === first
        ? ("important" as const)
        : ("optional" as const),
  }));
  const added =
    pitfall && !names.includes("no-money") ? [{ name: "no-money", category: "pitfall" } as const] : [];
  return {
    criteria: [...stated, ...added].map(({ name, category }, i) => ({
      id: `c${i + 1}`,
      text: statementOf(name),
      weight: WEIGHTS[category],
      polarity: "good",
      kind: isRule(name) ? "hard-rule" : "principle",
      category,
    })),
  };
}
