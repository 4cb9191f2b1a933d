import { countOf, type InstructionTypes, plain, wordOf } from "../instruction-type.ts";
import {
  bare,
  PUNCTUATION,
  withoutLeading,
  withoutPunctuation,
  withoutTrailing,
} from "../text/characters.ts";
import { sentencesOf } from "../text/sentences.ts";
import { syllables } from "../text/syllables.ts";
import { wordTokens } from "../text/word-tokens.ts";
import { spacedWords } from "../text/words.ts";

/** IFBench's `words`, without `words:start_verb`. */
export const WORDS: InstructionTypes = {
  "words:alphabet": plain((response) => {
    const letters = unmarked(response).map((word) => word[0]!);
    const first = letters[0]?.charCodeAt(0) ?? 0;
    const start = first - A;
    return (
      start >= 0 && start < 26 && letters.every((one, i) => one.charCodeAt(0) === A + ((start + i) % 26))
    );
  }),
  "words:vowel": plain((response) => {
    const text = response.trim().toLowerCase();
    return !text.includes("\n") && [..."aeiou"].filter((vowel) => text.includes(vowel)).length <= 3;
  }),
  "words:consonants": plain((response) =>
    spacedWords(response.toLowerCase()).every((word) => /[b-df-hj-np-tv-z]{2}/.test(word)),
  ),
  "words:palindrome": plain((response) => unmarked(response).filter(isLongPalindrome).length >= 10),
  "words:prime_lengths": plain((response) =>
    unmarked(response).every((word) => PRIMES.has([...word].length)),
  ),
  "words:repeats": (args) => {
    const most = countOf(args, "small_n");
    return (response) => {
      const counts = new Map<string, number>();
      for (const word of unmarked(response)) counts.set(word, (counts.get(word) ?? 0) + 1);
      return [...counts.values()].every((count) => count <= most);
    };
  },
  "words:no_consecutive": plain((response) => {
    const letters = unmarked(response).map((word) => [...word][0]);
    return letters.every((letter, i) => i === 0 || letter !== letters[i - 1]);
  }),
  "words:odd_even_syllables": plain((response) => {
    const odd = unmarked(response).map((word) => syllables(word) % 2);
    return odd.every((one, i) => i === 0 || one !== odd[i - 1]);
  }),
  "words:last_first": plain((response) => {
    const sentences = sentencesOf(response);
    return sentences.slice(1).every((sentence, i) => {
      const last = spacedWords(withoutTrailing(sentences[i]!)).at(-1)?.toLowerCase();
      return last !== undefined && last === spacedWords(withoutLeading(sentence))[0]?.toLowerCase();
    });
  }),
  "words:paragraph_last_first": plain((response) =>
    response.split("\n").every((paragraph) => {
      const words = spacedWords(bare(paragraph.trim().toLowerCase()));
      return words[0] === words.at(-1);
    }),
  ),
  "words:keywords_specific_position": (args) => {
    const keyword = wordOf(args, "keyword").toLowerCase();
    const [sentence, place] = [countOf(args, "n", 1), countOf(args, "m", 1)];
    return (response) => {
      const words = wordTokens(sentencesOf(response)[sentence - 1] ?? "");
      return words.filter((word) => /[\p{L}\p{N}]/u.test(word))[place - 1]?.toLowerCase() === keyword;
    };
  },
  "words:words_position": (args) => {
    const keyword = wordOf(args, "keyword").toLowerCase();
    return (response) => {
      const words = wordTokens(response.toLowerCase());
      const marks = PUNCTUATION.includes(words.at(-1) ?? "") ? 1 : 0;
      return words[1] === keyword && words.at(-2 - marks) === keyword;
    };
  },
};

const A = "a".charCodeAt(0);

const PRIMES = new Set([
  2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
]);

/** Words in small letters without ASCII punctuation, which may join two: "re-do" is "redo". */
function unmarked(response: string): readonly string[] {
  return spacedWords(withoutPunctuation(response.toLowerCase()));
}

function isLongPalindrome(word: string): boolean {
  const letters = [...word];
  return letters.length >= 5 && letters.every((letter, i) => letter === letters.at(-1 - i));
}
