import type { SeededStream } from "@armature/engine";
import { lastUserTurn, type Prompt } from "../data/prompt.ts";
import type { ArmRubric } from "../rubric/arm-rubric.ts";
import { writeCriterion } from "./criterion-form.ts";
import { demandsOf } from "./hard-rules.ts";
import { PRINCIPLES } from "./principles.ts";
import { requestFamily } from "./request-family.ts";

/** Short enough for a small judge to go through: two rules at most, two principles at least, three or four lines. */
const MOST_RULES = 2;
const LEAST_PRINCIPLES = 2;
const SHORTEST_RUBRIC = 3;

/**
 * The warm-up's rubric for a prompt, written by a program: hard rules where a pattern finds an explicit demand in the
 * user's last turn, then principles drawn from those of the request's family, all in wordings drawn from the stream. It
 * shows a generator the form of a rubric and a plausible range of content; which principle matters it does not know.
 */
export function teacherRubric(prompt: Prompt, stream: SeededStream): ArmRubric {
  const request = lastUserTurn(prompt);
  const family = requestFamily(request);
  const demands = stream.sample(demandsOf(request), MOST_RULES);
  const principles = stream.sample(
    PRINCIPLES.filter(({ families }) => families.includes(family)),
    Math.max(LEAST_PRINCIPLES, SHORTEST_RUBRIC - demands.length),
  );
  return {
    criteria: [
      ...demands.map(({ rule, value }) => writeCriterion(rule, stream.pick(rule.wordings), value)),
      ...principles.map((principle) => writeCriterion(principle, stream.pick(principle.wordings), "")),
    ],
  };
}
