import type { Prompt } from "../../data/prompt.ts";
import type { Row } from "../../data/row-fields.ts";

/** Whether a statement about a response is true; null where it does not apply to the prompt. */
export type TextCheck = (prompt: Prompt, response: string) => boolean | null;

/** Reads the parameters of a criterion's verifier and gives its check. @throws RowFault naming the parameter. */
export type TextProgram = (parameters: Row) => TextCheck;

/** Programs by the names that verifiers call them by. */
export type TextPrograms = Readonly<Record<string, TextProgram>>;
