import { type InstructionTypes, plain, wordOf } from "../instruction-type.ts";
import { bare, withoutPunctuation } from "../text/characters.ts";
import { sentencesOf } from "../text/sentences.ts";
import { wordTokens } from "../text/word-tokens.ts";
import { spacedWords } from "../text/words.ts";
import { hasNestedBrackets, hasNestedQuotes } from "./nesting.ts";

/** IFBench's `format`. */
export const FORMAT: InstructionTypes = {
  "format:options": (args) => {
    const said = wordOf(args, "options");
    const separator = said.includes("/") ? "/" : said.includes("or") ? "or" : ",";
    const options = said.split(separator).map((option) => option.trim());
    // Letters of choices are to be copied exactly, words need not.
    const exact = /^\W*a\W*b\W*c\W*/i.test(said);
    const allowed = new Set(exact ? options : options.map((option) => bare(option).toLowerCase()));
    return (response) => allowed.has(exact ? response : bare(response).toLowerCase());
  },
  "format:newline": plain((response) => {
    const text = withoutPunctuation(response).trim();
    return text.split("\n").filter((line) => line !== "").length === spacedWords(text).length;
  }),
  "format:emoji": plain(everySentenceHasAnEmoji),
  "format:line_indent": plain((response) => {
    const indents = nonBlankLines(response).map((line) => /^ */.exec(line)![0].length);
    return indents.every((indent, i) => i === 0 || indent > indents[i - 1]!);
  }),
  "format:list": (args) => {
    const separator = wordOf(args, "sep");
    return (response) => response.split(separator).length > 2;
  },
  "format:no_bullets_bullets": plain(sentencesThenBullets),
  "format:sub-bullets": plain((response) =>
    response
      .split("*")
      .slice(1)
      .every((bullet) => bullet.includes("-")),
  ),
  "format:no_whitespace": plain((response) => !/\s/.test(response)),
  "format:output_template": plain((response) =>
    ["My Answer:", "My Conclusion:", "Future Outlook:"].every((part) => response.includes(part)),
  ),
  "format:parentheses": plain((response) => hasNestedBrackets(response, 5)),
  "format:quotes": plain((response) => hasNestedQuotes(response, 3)),
  "format:quote_unquote": plain((response) => {
    const text = response.replaceAll("'\"'", "").replace(/\s+/g, "");
    return !text.includes('""') && !/"[\d!#-/:-@[-`{-~]*$/.test(text);
  }),
  "format:thesis": plain(hasItalicThesis),
  "format:title_case": plain((response) => wordTokens(response).every(isTitled)),
};

const EMOJI = /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic})$/u;

/** At its end, or right before the next sentence; a mark of the variant, which follows some emoji, is passed over. */
function everySentenceHasAnEmoji(response: string): boolean {
  const sentences = sentencesOf(response).map((sentence) => [...withoutPunctuation(sentence).trim()]);
  return sentences.every((characters, i) => {
    if (characters.length === 0) return false;
    if (characters.slice(-2).some((character) => EMOJI.test(character))) return true;
    return EMOJI.test(sentences[i + 1]?.[0] ?? "");
  });
}

/** As the published checker has it: of two blank lines in a row the second stays. */
function nonBlankLines(response: string): readonly string[] {
  const lines = response.split("\n");
  return lines.filter((line, i) => {
    if (line.trim() !== "") return true;
    return i > 0 && lines[i - 1]!.trim() === "" && line === lines[i - 1];
  });
}

function sentencesThenBullets(response: string): boolean {
  let sentences = 0;
  let bullets = 0;
  for (const line of response.split("\n").map((one) => one.trim())) {
    if (line.startsWith("*")) {
      if (sentences < 2) return false;
      bullets++;
    } else if (bullets > 0) return false;
    else sentences += sentencesOf(line).length;
  }
  return bullets >= 2;
}

/** Italics by HTML that are not blank, and text after them. */
function hasItalicThesis(response: string): boolean {
  const start = ["<i>", "<em>"].map((tag) => response.indexOf(tag)).find((place) => place >= 0);
  if (start === undefined) return false;
  const text = response.slice(start);
  const end = ["</i>", "</em>"].map((tag) => text.indexOf(tag)).find((place) => place >= 0);
  if (end === undefined) return false;
  return text.slice(3, end).trim() !== "" && text.slice(end + 4).trim() !== "";
}

/** False for words that begin with a small letter; words of mixed case such as "iPhone" pass. */
function isTitled(word: string): boolean {
  if (!/^\p{Ll}/u.test(word)) return true;
  const rest = [...word].slice(1).join("");
  const cased = /[\p{Ll}\p{Lu}]/u.test(rest);
  const mixed = /\p{Ll}/u.test(rest) && /\p{Lu}/u.test(rest);
  return rest !== "" && (!cased || mixed);
}
