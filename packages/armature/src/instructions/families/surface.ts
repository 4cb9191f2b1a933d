import { comparisonOf, countOf, type InstructionTypes, plain, wordOf } from "../instruction-type.ts";
import { isLower, isUpper } from "../text/characters.ts";
import { detectLanguage } from "../text/language.ts";
import { wordTokens } from "../text/word-tokens.ts";

/** IFEval's `change_case`, `combination`, `language`, `punctuation` and `startend`. */
export const SURFACE: InstructionTypes = {
  "change_case:english_capital": plain((response) => isUpper(response) && isIn("en", response)),
  "change_case:english_lowercase": plain((response) => isLower(response) && isIn("en", response)),
  "change_case:capital_word_frequency": (args) => {
    const fits = comparisonOf(args, "capital_relation", countOf(args, "capital_frequency"));
    return (response) => fits(wordTokens(response).filter(isUpper).length);
  },
  "combination:two_responses": plain((response) => {
    const parts = response.split("******").map((part) => part.trim());
    const [first, second, ...more] = parts.filter((part) => part !== "");
    const blankInside = parts.slice(1, -1).includes("");
    return !blankInside && second !== undefined && more.length === 0 && first !== second;
  }),
  "combination:repeat_prompt": (args) => {
    const repeated = wordOf(args, "prompt_to_repeat").toLowerCase();
    return (response) => response.trim().toLowerCase().startsWith(repeated);
  },
  "language:response_language": (args) => {
    const language = wordOf(args, "language");
    return (response) => isIn(language, response);
  },
  "punctuation:no_comma": plain((response) => !response.includes(",")),
  "startend:end_checker": (args) => {
    const ending = wordOf(args, "end_phrase").toLowerCase();
    return (response) =>
      response
        .trim()
        .replace(/^"+|"+$/g, "")
        .toLowerCase()
        .endsWith(ending);
  },
  "startend:quotation": plain((response) => /^".*"$/s.test(response.trim())),
};

/** A text without a letter is in no language, and so breaks no rule of language. */
function isIn(language: string, response: string): boolean {
  const found = detectLanguage(response);
  return found === null || found === language;
}
