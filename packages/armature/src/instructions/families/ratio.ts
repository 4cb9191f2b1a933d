import { textOf } from "../../data/row-fields.ts";
import { countOf, type InstructionTypes, plain } from "../instruction-type.ts";
import { sentencesOf } from "../text/sentences.ts";
import { STOP_WORDS, wordRuns } from "../text/words.ts";

/** IFBench's `ratio`. */
export const RATIO: InstructionTypes = {
  "ratio:stop_words": (args) => {
    const most = countOf(args, "percentage");
    return (response) => {
      const words = wordRuns(response);
      if (words.length === 0) return false;
      const stops = words.filter((word) => STOP_WORDS.has(word.toLowerCase())).length;
      return (100 * stops) / words.length <= most;
    };
  },
  "ratio:sentence_type": plain((response) => {
    const ends = endsOf(response);
    return ends(".") === 2 * ends("?");
  }),
  "ratio:sentence_balance": plain((response) => {
    const ends = endsOf(response);
    return ends(".") === ends("?") && ends("?") === ends("!");
  }),
  "ratio:overlap": (args) => {
    const wanted = countOf(args, "percentage");
    const reference = trigrams(textOf(args["reference_text"], "reference_text"));
    return (response) => {
      const own = trigrams(response);
      if (own.size === 0) return false;
      const shared = [...own].filter((trigram) => reference.has(trigram)).length;
      return Math.abs((100 * shared) / own.size - wanted) <= 2;
    };
  },
  "ratio:sentence_words": plain((response) => {
    const lengths = sentencesOf(response).map((sentence) => [...sentence].length);
    return lengths.length === 3 && new Set(lengths).size === 1;
  }),
};

/** Counts sentences by their last mark; a closing quote after it changes nothing. */
function endsOf(response: string): (mark: string) => number {
  const sentences = sentencesOf(response).map((sentence) => sentence.replace(/["”]+$/, ""));
  return (mark) => sentences.filter((sentence) => sentence.endsWith(mark)).length;
}

/** Of characters, as the published checker counts them. */
function trigrams(text: string): ReadonlySet<string> {
  const characters = [...text];
  return new Set(characters.slice(2).map((_, i) => characters.slice(i, i + 3).join("")));
}
