import type { Prompt } from "../data/prompt.ts";
import type { CriterionVerdict } from "../judge/criterion-verdict.ts";
import type { Rubric } from "../rubric/rubric.ts";
import type { NoteReader } from "../sandbox/note-reader.ts";
import {
  implicitRating,
  likertRating,
  referenceNote,
  referenceRating,
  SIGHTS_RUBRIC,
} from "../sandbox/scripted-raters.ts";
import { AGGREGATORS, type AggregatorName } from "./aggregators.ts";
import { credit, judgedCriteria } from "./judged-criteria.ts";
import { pointwiseReward } from "./pointwise-reward.ts";
import type { PolicyReward, ResponseReward } from "./policy-reward.ts";
import { ratingRange } from "./rating-reward.ts";

/** Verdicts to a number: an aggregator, or a scripted rating from 1 to 10, which `ratingRange` puts into 0 … 1. */
export type SandboxScoring = AggregatorName | "implicit" | "likert" | "reference-likert";

/** True for the ratings that are made without rubric. */
export function needsNoRubric(scoring: SandboxScoring): scoring is "likert" | "reference-likert" {
  return scoring === "likert" || scoring === "reference-likert";
}

/** What a pointwise reward of the sandbox is made of. */
export interface SandboxRubricSettings {
  /** Part of the reward's id: where rubrics come from. */
  readonly source: string;
  /** A rubric by prompt id; null where what was written is no rubric, and then the reward is null too. */
  readonly rubricsOf: (prompts: readonly Prompt[]) => Promise<ReadonlyMap<string, Rubric | null>>;
  readonly reader: NoteReader;
  readonly scoring: SandboxScoring;
  /** Of the raters' own chances and of the reference notes. */
  readonly seed: number;
}

/** Pointwise rubric rewards of the sandbox's notes: a rubric, a reader of verdicts, and an aggregation by name. */
export function sandboxRubricReward(settings: SandboxRubricSettings): PolicyReward {
  const { source, reader, scoring, rubricsOf } = settings;
  const rubricless = needsNoRubric(scoring);
  const id = rubricless ? `${scoring}(${reader.id})` : `${scoring}(${source}, ${reader.id})`;
  return pointwiseReward(id, async (responses) => {
    const prompts = [...new Map(responses.map(({ prompt }) => [prompt.id, prompt])).values()];
    const rubrics = rubricless ? null : await rubricsOf(prompts);
    const asked = responses.map((item) => ({
      ...item,
      rubric: rubrics === null ? SIGHTS_RUBRIC : (rubrics.get(item.prompt.id) ?? null),
    }));
    const tasks = asked.flatMap(({ rubric, ...item }) => (rubric === null ? [] : [{ ...item, rubric }]));
    const verdicts = (await reader.read(tasks))[Symbol.iterator]();
    return asked.map(({ prompt, response, rubric }) =>
      rubric === null
        ? { value: null, components: {} }
        : scored(settings, prompt, response, rubric, verdicts.next().value!),
    );
  });
}

function scored(
  { scoring, seed }: SandboxRubricSettings,
  prompt: Prompt,
  response: string,
  rubric: Rubric,
  verdicts: readonly CriterionVerdict[],
): ResponseReward {
  switch (scoring) {
    case "likert":
      return { value: ratingRange(likertRating(prompt, response, verdicts, seed)), components: {} };
    case "reference-likert":
      return {
        value: ratingRange(referenceRating(referenceNote(prompt, seed), verdicts)),
        components: {},
      };
    case "implicit":
      return { value: ratingRange(implicitRating(rubric, verdicts)), components: parts(rubric, verdicts) };
    default:
      return { value: AGGREGATORS[scoring](rubric, verdicts).score, components: parts(rubric, verdicts) };
  }
}

/** Mean credit of the criteria of each kind; null where there is none with a verdict. */
function parts(rubric: Rubric, verdicts: readonly CriterionVerdict[]): Record<string, number | null> {
  const judged = judgedCriteria(rubric, verdicts);
  const of = (kind: "hard-rule" | "principle") => {
    const credits = judged.filter(({ criterion }) => criterion.kind === kind).map(credit);
    return credits.length === 0 ? null : credits.reduce((sum, one) => sum + one, 0) / credits.length;
  };
  return { rules: of("hard-rule"), principles: of("principle") };
}
