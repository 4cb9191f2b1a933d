import { FUNCTION_WORDS, OWN_LETTERS } from "./language-words.ts";

/** Scripts that one of the known languages has for itself, by ISO 639-1 code. */
const SCRIPTS: readonly (readonly [string, RegExp])[] = [
  ["kn", /\p{Script=Kannada}/gu],
  ["pa", /\p{Script=Gurmukhi}/gu],
  ["gu", /\p{Script=Gujarati}/gu],
  ["te", /\p{Script=Telugu}/gu],
  ["ta", /\p{Script=Tamil}/gu],
  ["th", /\p{Script=Thai}/gu],
  ["bn", /\p{Script=Bengali}/gu],
  ["ml", /\p{Script=Malayalam}/gu],
  ["ko", /\p{Script=Hangul}/gu],
  ["he", /\p{Script=Hebrew}/gu],
  ["el", /\p{Script=Greek}/gu],
];

/** Scripts that several known languages share. */
const SHARED: readonly (readonly [readonly string[], RegExp])[] = [
  [["hi", "mr", "ne"], /\p{Script=Devanagari}/gu],
  [["ar", "fa", "ur"], /\p{Script=Arabic}/gu],
  [["ru", "bg", "uk"], /\p{Script=Cyrillic}/gu],
  [["en", "es", "pt", "fr", "de", "it", "vi", "pl", "fi", "sw"], /\p{Script=Latin}/gu],
];

/**
 * ISO 639-1 code of a text's language, among the thirty that IFEval names, and Chinese and Greek; null for a text without
 * letters. The script with the most letters tells first; languages of one script are told apart by their commonest function
 * words and the letters that only they have. Latin text without any sign of another language counts as English, so a text in
 * a language outside the list gets the nearest one.
 */
export function detectLanguage(text: string): string | null {
  const counts = [
    ...SCRIPTS.map(([language, pattern]) => ({ languages: [language], count: countOf(text, pattern) })),
    ...SHARED.map(([languages, pattern]) => ({ languages, count: countOf(text, pattern) })),
    ...eastAsian(text),
  ];
  const { languages, count } = counts.reduce((best, one) => (one.count > best.count ? one : best));
  if (count === 0) return null;
  return languages.length === 1 ? languages[0]! : nearest(text, languages);
}

/** Kana make a text Japanese, however many ideographs it has. */
function eastAsian(text: string): { languages: readonly string[]; count: number }[] {
  const kana = countOf(text, /[\p{Script=Hiragana}\p{Script=Katakana}]/gu);
  const ideographs = countOf(text, /\p{Script=Han}/gu);
  return [{ languages: [kana > 0 ? "ja" : "zh"], count: kana + ideographs }];
}

/** The language with the most signs; the first of the list where none has one. */
function nearest(text: string, languages: readonly string[]): string {
  const words = text.toLowerCase().match(/[\p{L}\p{M}]+/gu) ?? [];
  const letters = text.toLowerCase();
  const scores = languages.map((language) => {
    const known = FUNCTION_WORDS[language]!;
    const own = OWN_LETTERS[language];
    const letterSigns = own === undefined ? 0 : countOf(letters, own);
    return words.filter((word) => known.has(word)).length + letterSigns;
  });
  return languages[scores.indexOf(Math.max(...scores))]!;
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
