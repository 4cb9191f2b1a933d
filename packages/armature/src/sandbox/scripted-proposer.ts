import { SeededStream } from "@armature/engine";
import { ConfigError } from "../errors.ts";
import type { RubricWriter, RubricWriting } from "../generate/rubric-writer.ts";
import { NO_USAGE } from "../llm/language-model.ts";
import type { Criterion, Rubric } from "../rubric/rubric.ts";
import { ATTRIBUTE_NAMES, type Attribute } from "./lexicon.ts";
import { type NoteReading, readNote, shows } from "./note.ts";
import type { NoteRequest } from "./note-request.ts";
import { noteTruth, requestOf } from "./note-truth.ts";
import { criterionStated, statementOf } from "./rubric-language.ts";
import { PLAUSIBLE } from "./teacher.ts";
import { holds } from "./truth.ts";

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

/**
 * The proposer of refinement through differentiation as a script. It sees the prompt, the rubric, both responses, and of the
 * hidden truth only which response an expert prefers, who errs with a stated chance and says nothing where both are equally
 * good. Where the rubric does not order the two as the expert does, it strikes the principles that only the worse response
 * meets, and adds one quality that only the better one shows: a plausible one for the recipient if there is any, for it
 * cannot know which one the expert liked. Rules stay as they are. Needs `rubric` and two responses in `ranked`.
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
      if (score(rubric, readNote(better)) > score(rubric, readNote(worse))) return written(rubric);
      return written(differentiated(rubric, requestOf(prompt), readNote(better), readNote(worse), stream));
    },
  };
}

function differentiated(
  rubric: Rubric,
  request: NoteRequest,
  better: NoteReading,
  worse: NoteReading,
  stream: SeededStream,
): Rubric {
  const shown = (reading: NoteReading, name: Attribute) => reading.ok && shows(reading.note, name);
  const stated = new Set(rubric.criteria.map(({ text }) => criterionStated(text)));
  const separating = ATTRIBUTE_NAMES.filter((name) => shown(better, name) && !shown(worse, name));
  const added = separating.filter((name) => !stated.has(name));
  const plausible = added.filter((name) => PLAUSIBLE[request.recipient].includes(name));
  const choice = plausible.length > 0 ? plausible : added;
  const rules = rubric.criteria.filter(({ kind }) => kind === "hard-rule");
  const principles = rubric.criteria
    .filter(({ kind }) => kind !== "hard-rule")
    .filter((criterion) => !(meets(criterion, worse) && !meets(criterion, better)));
  const found = choice.length === 0 ? [] : [foundPrinciple(stream.pick(choice))];
  const kept = [...principles, ...found].toSorted((a, b) => a.weight - b.weight).slice(-MOST_PRINCIPLES);
  return { criteria: [...rules, ...kept].map((criterion, i) => ({ ...criterion, id: `c${i + 1}` })) };
}

function foundPrinciple(name: Attribute): Criterion {
  return {
    ...{ id: "", text: statementOf(name), weight: FOUND_WEIGHT, polarity: "good" },
    ...{ kind: "principle", category: "important" },
  };
}

function meets({ text }: Criterion, reading: NoteReading): boolean {
  const name = criterionStated(text);
  return name !== null && reading.ok && holds(name, reading.note);
}

function score(rubric: Rubric, reading: NoteReading): number {
  return rubric.criteria.reduce(
    (sum, criterion) => sum + criterion.weight * Number(meets(criterion, reading)),
    0,
  );
}

function written(rubric: Rubric): RubricWriting {
  return { status: "written", rubric, replies: [], faults: [], repairs: [], usage: NO_USAGE };
}
