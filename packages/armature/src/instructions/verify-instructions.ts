import { RowFault } from "../data/row-fields.ts";
import { DataError } from "../errors.ts";
import { type Instruction, readInstructions } from "./instruction-types.ts";

/** `strict` takes a response as it is; `loose` also without its first or last line and without asterisks. */
export type VerifyMode = "strict" | "loose";

/** Which instructions a response follows. */
export interface InstructionVerdict {
  /** In the instructions' order; null where the type has no checker. */
  readonly followed: readonly (boolean | null)[];
  /** True where all are followed, false where one is not; null where that hangs on one without a checker. */
  readonly all: boolean | null;
}

/**
 * Whether a response follows verifiable instructions of IFEval and IFBench: a reward by program. `kwargs` are the published
 * arguments, one object an id. A blank response follows none. Pure: equal arguments give equal verdicts. The prompt is named in
 * errors only, since every published type carries what it needs in its arguments.
 * @throws DataError naming prompt and argument, also where an id is unknown.
 */
export function verifyInstructions(
  instructionIds: readonly string[],
  kwargs: readonly (Readonly<Record<string, unknown>> | null)[],
  prompt: string,
  response: string,
  mode: VerifyMode = "strict",
): InstructionVerdict {
  let instructions: readonly Instruction[];
  try {
    instructions = readInstructions(instructionIds, kwargs);
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    throw new DataError(`prompt ${JSON.stringify(prompt.slice(0, 60))}: ${error.message}`);
  }
  return checkInstructions(instructions, response, mode);
}

/** The same for instructions that were read before. */
export function checkInstructions(
  instructions: readonly Instruction[],
  response: string,
  mode: VerifyMode,
): InstructionVerdict {
  const variants = (mode === "strict" ? [response] : looseVariants(response)).filter(
    (variant) => variant.trim() !== "",
  );
  const followed = instructions.map(({ check }) => (check === null ? null : variants.some(check)));
  return { followed, all: followed.includes(false) ? false : followed.includes(null) ? null : true };
}

/** IFEval's eight readings of a response: first line, last line or both left out, each with and without asterisks. */
function looseVariants(response: string): readonly string[] {
  const lines = response.split("\n");
  const cut = [
    response,
    lines.slice(1).join("\n").trim(),
    lines.slice(0, -1).join("\n").trim(),
    lines.slice(1, -1).join("\n").trim(),
  ];
  return [...cut, ...cut.map((variant) => variant.replaceAll("*", ""))];
}
