import { type Row, RowFault, textOf, wrongType } from "../data/row-fields.ts";

/** Whether a response follows an instruction. Gets responses that are not blank. */
export type InstructionCheck = (response: string) => boolean;

/** A type of instruction: reads the arguments of one instruction and gives its check. @throws RowFault naming the argument. */
export type InstructionType = (args: Row) => InstructionCheck;

/** Types of instructions by their published ids. */
export type InstructionTypes = Readonly<Record<string, InstructionType>>;

/** A type without arguments. */
export function plain(check: InstructionCheck): InstructionType {
  return () => check;
}

/** A whole number of at least `minimum`; the published files write some as 4.0. */
export function countOf(args: Row, name: string, minimum = 0): number {
  const value = args[name];
  if (typeof value !== "number") throw wrongType(value ?? undefined, name, "give a whole number");
  if (Number.isSafeInteger(value) && value >= minimum) return value;
  throw new RowFault("wrong-type", name, `is ${value}; give a whole number of at least ${minimum}`);
}

/** A text that is not blank, without white space at its ends. */
export function wordOf(args: Row, name: string): string {
  return textOf(args[name], name).trim();
}

/** A list of at least one word or phrase. */
export function wordsOf(args: Row, name: string): readonly string[] {
  const value = args[name];
  if (!Array.isArray(value) || value.length === 0)
    throw wrongType(value ?? undefined, name, "give a list of words");
  return value.map((word, i) => textOf(word, `${name}[${i}]`));
}

/** A comparison of a count with a limit, as the argument `name` says: "at least" or "less than". */
export function comparisonOf(args: Row, name: string, limit: number): (count: number) => boolean {
  const relation = args[name];
  if (relation === "at least") return (count) => count >= limit;
  if (relation === "less than") return (count) => count < limit;
  if (typeof relation !== "string") throw wrongType(relation ?? undefined, name, RELATIONS);
  throw new RowFault("wrong-type", name, `is ${JSON.stringify(relation)}; ${RELATIONS}`);
}

const RELATIONS = 'give "at least" or "less than"';
