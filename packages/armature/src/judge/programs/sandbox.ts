import { lastUserTurn, type Prompt } from "../../data/prompt.ts";
import { RowFault } from "../../data/row-fields.ts";
import { RULE_NAMES, type Rule } from "../../sandbox/lexicon.ts";
import { type NoteRequest, readRequest } from "../../sandbox/note-request.ts";
import { writtenReward } from "../../sandbox/policy.ts";
import { holds } from "../../sandbox/truth.ts";
import type { TextPrograms } from "./text-program.ts";

/** Programs about the sandbox's notes: what can be read without knowing what anybody values. Open for other prompts. */
export const SANDBOX_PROGRAMS: TextPrograms = {
  /** The text is a note for its request: its topic, known phrases only, nothing said twice, at most three attributes. */
  "sandbox:note": () => (prompt, response) => {
    const request = requestOf(prompt);
    return request && writtenReward(request, response).ok;
  },
  /** The rule is kept; open where the request does not make it. A text that is no note keeps none. */
  "sandbox:rule": ({ rule }) => {
    if (typeof rule !== "string" || !(RULE_NAMES as readonly string[]).includes(rule))
      throw new RowFault("wrong-type", "rule", `is ${JSON.stringify(rule)}; choose ${RULE_NAMES.join(", ")}`);
    return (prompt, response) => {
      const request = requestOf(prompt);
      if (request === null || !request.rules.includes(rule as Rule)) return null;
      const written = writtenReward(request, response);
      return written.ok && holds(rule as Rule, written.note);
    };
  },
};

function requestOf(prompt: Prompt): NoteRequest | null {
  const reading = readRequest(lastUserTurn(prompt));
  return reading.ok ? reading.request : null;
}
