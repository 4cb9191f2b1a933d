import { countOf, type InstructionTypes, plain, wordOf } from "../instruction-type.ts";
import { bare, wholeWord, withoutPunctuation } from "../text/characters.ts";
import { wordTokens } from "../text/word-tokens.ts";
import { spacedWords, wordRuns } from "../text/words.ts";

/** IFBench's `count`. */
export const COUNT: InstructionTypes = {
  "count:word_count_range": (args) => {
    const [least, most] = [countOf(args, "min_words"), countOf(args, "max_words")];
    return (response) => {
      const words = wordRuns(response).length;
      return least <= words && words <= most;
    };
  },
  "count:unique_word_count": (args) => {
    const least = countOf(args, "N");
    return (response) => new Set(spacedWords(response.toLowerCase()).map(bare)).size >= least;
  },
  "count:conjunctions": (args) => {
    const least = countOf(args, "small_n");
    // As the published checker counts: "and", "And" and "and," are three.
    return (response) =>
      new Set(spacedWords(response).filter((word) => CONJUNCTIONS.has(bare(word).toLowerCase()))).size >=
      least;
  },
  "count:person_names": (args) => {
    const least = countOf(args, "N");
    return (response) => NAMES.filter((name) => name.test(response)).length >= least;
  },
  "count:numbers": (args) => {
    const wanted = countOf(args, "N");
    return (response) => (withoutPunctuation(response).match(/\p{Nd}+/gu)?.length ?? 0) === wanted;
  },
  "count:pronouns": (args) => {
    const least = countOf(args, "N");
    return (response) =>
      wordTokens(response.replaceAll("/", " ").toLowerCase()).filter((word) => PRONOUNS.has(word)).length >=
      least;
  },
  "count:punctuation": plain((response) => {
    if (!/!\?|\?!|‽/.test(response)) return false;
    const rest = response.includes("?!") ? response.replace("?!", "") : response.replace("!?", "");
    return [".", ",", "!", "?", ";", ":"].every((mark) => rest.includes(mark));
  }),
  "count:words_japanese": (args) => {
    const cycle = countOf(args, "N", 1);
    return (response) =>
      spacedWords(response).every((word, i) => {
        const own = bare(word);
        if ((i + 1) % cycle !== 0 || own === "" || /^\p{Nd}+$/u.test(own)) return true;
        return /[\u3040-\u30ff\u4e00-\u9fff]/.test(own);
      });
  },
  "count:keywords_multiple": (args) => {
    const wanted = [1, 2, 3, 5, 7].map((times, i) => ({
      times,
      keyword: wordOf(args, `keyword${i + 1}`).toLowerCase(),
    }));
    return (response) => {
      const text = response.toLowerCase();
      return wanted.every(({ keyword, times }) => text.split(keyword).length - 1 === times);
    };
  },
};

const CONJUNCTIONS = new Set(["and", "but", "for", "nor", "or", "so", "yet"]);

/** The names that the instruction itself lists. */
const NAMES =
  `Emma Liam Sophia Jackson Olivia Noah Ava Lucas Isabella Mason Mia Ethan Charlotte Alexander Amelia Benjamin
  Harper Leo Zoe Daniel Chloe Samuel Lily Matthew Grace Owen Abigail Gabriel Ella Jacob Scarlett Nathan Victoria Elijah
  Layla Nicholas Audrey David Hannah Christopher Penelope Thomas Nora Andrew Aria Joseph Claire Ryan Stella Jonathan`
    .split(/\s+/)
    .map((name) => wholeWord(name, ""));

const PRONOUNS = new Set(
  `i me we us you he him she her it they them my mine our ours your yours his hers its their theirs myself ourselves yourself
  yourselves himself herself itself themselves this that these those who whom whose which what whoever whomever whatever
  whichever anybody anyone anything everybody everyone everything nobody nothing somebody someone something each either
  neither both all some any none`.split(/\s+/),
);
