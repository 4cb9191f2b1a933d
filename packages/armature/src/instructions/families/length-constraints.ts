import type { Row } from "../../data/row-fields.ts";
import {
  comparisonOf,
  countOf,
  type InstructionCheck,
  type InstructionTypes,
  wordOf,
} from "../instruction-type.ts";
import { sentencesOf } from "../text/sentences.ts";
import { wordRuns } from "../text/words.ts";

/** IFEval's `length_constraints`. */
export const LENGTH_CONSTRAINTS: InstructionTypes = {
  "length_constraints:number_words": (args) => {
    const fits = comparisonOf(args, "relation", countOf(args, "num_words"));
    return (response) => fits(wordRuns(response).length);
  },
  "length_constraints:number_sentences": (args) => {
    const fits = comparisonOf(args, "relation", countOf(args, "num_sentences"));
    return (response) => fits(sentencesOf(response).length);
  },
  "length_constraints:number_paragraphs": (args) => {
    const wanted = countOf(args, "num_paragraphs", 1);
    return (response) => paragraphsBetweenDividers(response) === wanted;
  },
  "length_constraints:nth_paragraph_first_word": nthParagraphFirstWord,
};

/** Paragraphs between `***`; null where an inner one is blank. */
function paragraphsBetweenDividers(response: string): number | null {
  const parts = response.split(/\s?\*\*\*\s?/);
  const blank = parts.map((part) => part.trim() === "");
  if (blank.slice(1, -1).includes(true)) return null;
  return blank.filter((one) => !one).length;
}

function nthParagraphFirstWord(args: Row): InstructionCheck {
  const wanted = countOf(args, "num_paragraphs", 1);
  const nth = countOf(args, "nth_paragraph", 1);
  const word = wordOf(args, "first_word").toLowerCase();
  return (response) => {
    const paragraphs = response.split("\n\n");
    // Blank paragraphs do not count, and yet the published checker numbers them.
    const count = paragraphs.filter((paragraph) => paragraph.trim() !== "").length;
    if (count !== wanted || nth > count) return false;
    const [first = ""] = paragraphs[nth - 1]!.trim().split(/\s+/);
    return /^'*"*([^.,?!'"]*)/.exec(first)![1]!.toLowerCase() === word;
  };
}
