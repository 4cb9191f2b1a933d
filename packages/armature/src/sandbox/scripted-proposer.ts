import { SeededStream } from "@armature/engine";
import { ConfigError } from "../errors.ts";
import type { RubricWriter, RubricWriting } from "../generate/rubric-writer.ts";
import { NO_USAGE } from "../llm/language-model.ts";
import type { Criterion, Rubric } from "../rubric/rubric.ts";
import { seemsTrue } from "./keyword-reading.ts";
import { ATTRIBUTE_NAMES, type CriterionName, isRule } from "./lexicon.ts";
import { criterionOf } from "./note-reader.ts";
import type { NoteRequest } from "./note-request.ts";
import { noteTruth, requestOf } from "./note-truth.ts";
import { statementOf } from "./rubric-language.ts";
import { PLAUSIBLE } from "./teacher.ts";

/** How sure the expert is whom the proposer asks. */
export interface ScriptedProposerSettings {
  /** Chance that the expert names the worse of two unequal responses. */
  readonly expertNoise: number;
  readonly seed: number;
}

/** Principles that a rubric keeps; the newest stay. As many as a note can show. */
const MOST_PRINCIPLES = 3;
/** Weight of a principle that a comparison brought up; those of first rubrics weigh 1. */
const FOUND_WEIGHT = 2;
/** Principle that fails where a text is no note, and its weight: as much as a rule. */
const FORM: CriterionName = "clear";
const FORM_WEIGHT = 3;

/**
 * The proposer of refinement through differentiation as a script. It sees the prompt, the rubric, both responses (by keywords,
 * `seemsTrue`), and of the hidden truth only which response an expert prefers, who errs with a stated chance and says nothing
 * where both are equally good. Where the rubric does not order the two as the expert does, it strikes the qualities that
 * only the worse response shows and adds one criterion: "is clear" where the worse text is no note, else one quality that
 * only the better one shows, a plausible one for the recipient if there is any, for it cannot know which one the expert liked.
 * Rules stay as they are. Needs `rubric` and two responses in `ranked`.
 */
export function scriptedProposer({ expertNoise, seed }: ScriptedProposerSettings): RubricWriter {
  if (!(expertNoise >= 0 && expertNoise <= 0.5))
    throw new ConfigError(`expert noise is ${expertNoise}; give a chance from 0 to 0.5`);
  return {
    id: `scripted proposer, expert noise ${expertNoise}`,
    async write({ prompt, rubric, ranked }) {
      const [first, second, ...more] = ranked ?? [];
      if (rubric === undefined || first === undefined || second === undefined || more.length > 0)
        throw new ConfigError("an improvement needs a rubric and two responses; give both");
      const [one, other] = [first, second].map((text) => noteTruth(prompt, text).reward ?? -1);
      if (one === other) return written(rubric);
      const stream = new SeededStream(seed, "scripted proposer", prompt.id, first, second);
      const firstIsBetter = one! > other! !== stream.chance(expertNoise);
      const [better, worse] = firstIsBetter ? [first, second] : [second, first];
      const request = requestOf(prompt);
      const pair = {
        better,
        worse,
        meets: (name: CriterionName, text: string) => seemsTrue(name, request, text),
      };
      if (score(rubric, pair.meets, better) > score(rubric, pair.meets, worse)) return written(rubric);
      return written(differentiated(rubric, request, pair, stream));
    },
  };
}

/** Whether a text seems to meet a criterion. */
type Meets = (name: CriterionName, text: string) => boolean;

function differentiated(
  rubric: Rubric,
  { recipient }: NoteRequest,
  { better, worse, meets }: { readonly better: string; readonly worse: string; readonly meets: Meets },
  stream: SeededStream,
): Rubric {
  const separates = (name: CriterionName) => meets(name, better) && !meets(name, worse);
  const refutes = (name: CriterionName) => meets(name, worse) && !meets(name, better);
  const named = rubric.criteria.map((criterion) => ({ criterion, name: criterionOf(criterion.text) }));
  const isNew = (name: CriterionName) => !named.some((one) => one.name === name);
  const fixed = named.filter(({ name }) => isRule(name) || name === FORM).map(({ criterion }) => criterion);
  // A text that is no note at all differs from one in that first of all.
  const form = separates(FORM) && isNew(FORM) ? [found(FORM, FORM_WEIGHT)] : [];
  const added = ATTRIBUTE_NAMES.filter((name) => separates(name) && isNew(name));
  const plausible = added.filter((name) => PLAUSIBLE[recipient].includes(name));
  const choice = form.length > 0 ? [] : plausible.length > 0 ? plausible : added;
  const principles = named
    .filter(({ name }) => !isRule(name) && name !== FORM && !refutes(name))
    .map(({ criterion }) => criterion);
  const quality = choice.length === 0 ? [] : [found(stream.pick(choice), FOUND_WEIGHT)];
  const kept = [...principles, ...quality].toSorted((a, b) => a.weight - b.weight).slice(-MOST_PRINCIPLES);
  return {
    criteria: [...fixed, ...form, ...kept].map((criterion, i) => ({ ...criterion, id: `c${i + 1}` })),
  };
}

function found(name: CriterionName, weight: number): Criterion {
  return {
    ...{ id: "", text: statementOf(name), weight, polarity: "good" },
    ...{ kind: "principle", category: weight === FORM_WEIGHT ? "essential" : "important" },
  };
}

function score({ criteria }: Rubric, meets: Meets, text: string): number {
  return criteria.reduce(
    (sum, criterion) => sum + criterion.weight * Number(meets(criterionOf(criterion.text), text)),
    0,
  );
}

function written(rubric: Rubric): RubricWriting {
  return { status: "written", rubric, replies: [], faults: [], repairs: [], usage: NO_USAGE };
}
