import { nearestWord } from "../config/nearest-word.ts";
import { isRow, type Row, RowFault, wrongType } from "../data/row-fields.ts";
import { COUNT } from "./families/count.ts";
import { CUSTOM } from "./families/custom.ts";
import { DETECTABLE } from "./families/detectable.ts";
import { FORMAT } from "./families/format.ts";
import { KEYWORDS } from "./families/keywords.ts";
import { LENGTH_CONSTRAINTS } from "./families/length-constraints.ts";
import { RATIO } from "./families/ratio.ts";
import { REPEAT } from "./families/repeat.ts";
import { SENTENCE } from "./families/sentence.ts";
import { SURFACE } from "./families/surface.ts";
import { WORDS } from "./families/words.ts";
import type { InstructionCheck, InstructionTypes } from "./instruction-type.ts";

/** The 25 types of IFEval (Zhou et al. 2023, arXiv 2311.07911), by their published ids. */
export const IFEVAL_TYPES: InstructionTypes = {
  ...KEYWORDS,
  ...LENGTH_CONSTRAINTS,
  ...DETECTABLE,
  ...SURFACE,
};

/** The types of IFBench (Pyatkin et al. 2025, arXiv 2507.02833), by their published ids. */
export const IFBENCH_TYPES: InstructionTypes = {
  ...COUNT,
  ...RATIO,
  ...SENTENCE,
  ...WORDS,
  ...FORMAT,
  ...REPEAT,
  ...CUSTOM,
};

const TYPES: InstructionTypes = { ...IFEVAL_TYPES, ...IFBENCH_TYPES };

/** Published types that have no checker here, and why. */
export const UNCHECKED_TYPES: Readonly<Record<string, string>> = {
  "words:start_verb":
    "the published verdicts are a statistical tagger's, which denies that Build, Understand and Conceive are verbs",
};

/** One instruction, ready to check responses. */
export interface Instruction {
  readonly id: string;
  /** Null for a type of `UNCHECKED_TYPES`. */
  readonly check: InstructionCheck | null;
}

/**
 * Instructions of a row: ids, and arguments in the same order (`instruction_id_list` and `kwargs` of the published files).
 * Arguments that are null are as good as missing. @throws RowFault naming the field, also where an id is unknown.
 */
export function readInstructions(ids: unknown, kwargs: unknown): readonly Instruction[] {
  if (!Array.isArray(ids) || ids.length === 0)
    throw wrongType(ids, "instruction_id_list", "give a list of at least one instruction id");
  if (!Array.isArray(kwargs)) throw wrongType(kwargs, "kwargs", "give a list of arguments, one object an id");
  if (kwargs.length !== ids.length)
    throw new RowFault("wrong-type", "kwargs", `has ${kwargs.length} entries for ${ids.length} instructions`);
  return ids.map((id, i) => readInstruction(id, kwargs[i] ?? {}, i));
}

function readInstruction(id: unknown, args: unknown, place: number): Instruction {
  const field = `instruction_id_list[${place}]`;
  if (typeof id !== "string") throw wrongType(id, field, "give the id as text");
  if (!isRow(args)) throw wrongType(args, `kwargs[${place}]`, "give an object of arguments");
  if (Object.hasOwn(UNCHECKED_TYPES, id)) return { id, check: null };
  if (!Object.hasOwn(TYPES, id)) {
    const near = nearestWord(id, Object.keys(TYPES));
    const mend = near === null ? "give an id of IFEval or IFBench" : `did you mean ${near}?`;
    throw new RowFault("unknown-instruction", field, `is ${JSON.stringify(id)}; ${mend}`);
  }
  try {
    return { id, check: TYPES[id]!(withoutNulls(args)) };
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    throw new RowFault(error.reason, `kwargs[${place}]`, `of ${id}: ${error.message}`);
  }
}

function withoutNulls(args: Row): Row {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null));
}
