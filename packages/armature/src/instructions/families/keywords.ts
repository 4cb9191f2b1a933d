import { RowFault } from "../../data/row-fields.ts";
import { comparisonOf, countOf, type InstructionTypes, wordOf, wordsOf } from "../instruction-type.ts";
import { literal, wholeWord } from "../text/characters.ts";

/** IFEval's `keywords`. A keyword counts inside a longer word as well; a forbidden word only as a whole one. */
export const KEYWORDS: InstructionTypes = {
  "keywords:existence": (args) => {
    const patterns = wordsOf(args, "keywords").map((word) => new RegExp(literal(word), "i"));
    return (response) => patterns.every((pattern) => pattern.test(response));
  },
  "keywords:frequency": (args) => {
    const pattern = new RegExp(literal(wordOf(args, "keyword")), "gi");
    const fits = comparisonOf(args, "relation", countOf(args, "frequency"));
    return (response) => fits(response.match(pattern)?.length ?? 0);
  },
  "keywords:forbidden_words": (args) => {
    const patterns = wordsOf(args, "forbidden_words").map((word) => wholeWord(word, "i"));
    return (response) => !patterns.some((pattern) => pattern.test(response));
  },
  "keywords:letter_frequency": (args) => {
    const letter = wordOf(args, "letter").toLowerCase();
    if ([...letter].length !== 1)
      throw new RowFault("wrong-type", "letter", `is ${JSON.stringify(letter)}; give one character`);
    const fits = comparisonOf(args, "let_relation", countOf(args, "let_frequency"));
    return (response) => fits(response.toLowerCase().split(letter).length - 1);
  },
};
