import { countOf, type InstructionTypes, plain, wordOf } from "../instruction-type.ts";
import { wholeWord, withoutLeading, withoutPunctuation } from "../text/characters.ts";
import { sentencesOf } from "../text/sentences.ts";
import { spacedWords } from "../text/words.ts";

/** IFBench's `sentence`. */
export const SENTENCE: InstructionTypes = {
  "sentence:keyword": (args) => {
    const nth = countOf(args, "N", 1);
    const pattern = wholeWord(wordOf(args, "word"), "i");
    return (response) => pattern.test(sentencesOf(response)[nth - 1] ?? "");
  },
  "sentence:increment": (args) => {
    const step = countOf(args, "small_n");
    return (response) => {
      const counts = sentencesOf(response).map((one) => spacedWords(withoutPunctuation(one)).length);
      return counts.every((count, i) => i === 0 || count === counts[i - 1]! + step);
    };
  },
  "sentence:alliteration_increment": plain((response) => {
    const lengths = sentencesOf(response).map(alliterativeWords);
    return lengths.every((length, i) => i === 0 || length > lengths[i - 1]!);
  }),
};

/** Words of a sentence that stand in runs of at least two with the same first letter. */
function alliterativeWords(sentence: string): number {
  const letters = spacedWords(sentence.toLowerCase())
    .map(withoutLeading)
    .filter((word) => word !== "")
    .map((word) => word[0]);
  return letters.filter((letter, i) => letter === letters[i - 1] || letter === letters[i + 1]).length;
}
