/** ASCII punctuation: what the published checkers strip from words. */
export const PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

const PUNCTUATION_OR_SPACE = new Set([...PUNCTUATION, " "]);
const EVERY_PUNCTUATION = new RegExp(`[${PUNCTUATION.replace(/[\]\\^-]/g, "\\$&")}]`, "g");

/** The text without ASCII punctuation and blanks at its start. */
export function withoutLeading(text: string): string {
  let start = 0;
  while (start < text.length && PUNCTUATION_OR_SPACE.has(text[start]!)) start++;
  return text.slice(start);
}

/** The text without ASCII punctuation and blanks at its end. */
export function withoutTrailing(text: string): string {
  let end = text.length;
  while (end > 0 && PUNCTUATION_OR_SPACE.has(text[end - 1]!)) end--;
  return text.slice(0, end);
}

/** The text without ASCII punctuation and blanks at both ends. */
export function bare(text: string): string {
  return withoutLeading(withoutTrailing(text));
}

/** The text without any ASCII punctuation. */
export function withoutPunctuation(text: string): string {
  return text.replace(EVERY_PUNCTUATION, "");
}

/** True where no letter is small and at least one is a capital. */
export function isUpper(text: string): boolean {
  return /\p{Uppercase}/u.test(text) && !/[\p{Lowercase}\p{Lt}]/u.test(text);
}

/** True where no letter is a capital and at least one is small. */
export function isLower(text: string): boolean {
  return /\p{Lowercase}/u.test(text) && !/[\p{Uppercase}\p{Lt}]/u.test(text);
}

/** The text with accents taken off and without what is then not ASCII. */
export function asciiOf(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is all of ASCII
  return text.normalize("NFKD").replace(/[^\x00-\x7f]/g, "");
}

/** Pattern source that matches the text itself. */
export function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

/** The text as a whole word: no letter, digit or underscore touches it. `\b` of JavaScript knows ASCII only. */
export function wholeWord(text: string, flags: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}_])${literal(text)}(?![\\p{L}\\p{N}_])`, `u${flags}`);
}
