import { IFBENCH_TYPES, IFEVAL_TYPES } from "../../instructions/instruction-types.ts";
import { SANDBOX_PROGRAMS } from "./sandbox.ts";
import { STORY_PROGRAMS } from "./story.ts";
import type { TextPrograms } from "./text-program.ts";

/** Programs that criteria may be verified by: those about stories and the sandbox's notes, and the verifiable instructions of IFEval and IFBench by their published ids. */
export const PROGRAMS: TextPrograms = {
  ...Object.fromEntries(
    Object.entries({ ...IFEVAL_TYPES, ...IFBENCH_TYPES }).map(([id, type]) => [
      id,
      (parameters) => {
        const check = type(parameters);
        return (_, response) => response.trim() !== "" && check(response);
      },
    ]),
  ),
  ...STORY_PROGRAMS,
  ...SANDBOX_PROGRAMS,
};
