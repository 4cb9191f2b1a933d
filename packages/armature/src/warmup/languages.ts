import type { TextFeatures } from "./text-features.ts";

/** How a language is told from others: by its script, or by a few words that no text in it does without. */
type Mark = { readonly script: RegExp } | { readonly words: ReadonlySet<string> };

const words = (list: string): Mark => ({ words: new Set(list.split(" ")) });
const script = (name: string): Mark => ({ script: new RegExp(`[\\p{Script=${name}}]`, "gu") });

const LANGUAGES: Readonly<Record<string, Mark>> = {
  English: words("the of and to in is that it for was are with this"),
  French: words("le la les de des et est un une du que dans pour il elle"),
  Spanish: words("el la los las de y es un una que en por con para del"),
  German: words("der die das und ist ein eine nicht mit zu den von ich sie"),
  Italian: words("il la di che e un una per non con del della sono gli"),
  Portuguese: words("o a os de que e do da um uma não em para com é"),
  Dutch: words("de het een en van is dat niet in op met voor ik zijn"),
  Polish: words("i w na z do nie że się jest to jak po"),
  Arabic: script("Arabic"),
  Bengali: script("Bengali"),
  Chinese: script("Han"),
  Greek: script("Greek"),
  Hebrew: script("Hebrew"),
  Hindi: script("Devanagari"),
  Japanese: { script: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/gu },
  Korean: script("Hangul"),
  Marathi: script("Devanagari"),
  Russian: script("Cyrillic"),
  Tamil: script("Tamil"),
  Telugu: script("Telugu"),
  Thai: script("Thai"),
  Ukrainian: script("Cyrillic"),
  Urdu: script("Arabic"),
};

/** Alternatives of a regular expression. */
export const LANGUAGE_NAMES = Object.keys(LANGUAGES).join("|");

/** Shares above which a text passes for the language: of its letters, or of its words. */
const SCRIPT_SHARE = 0.5;
const COMMON_WORD_SHARE = 0.1;

/** Whether a text passes for a language of `LANGUAGE_NAMES` (any case). Languages with one script are not told apart. */
export function passesFor(language: string, { text, words }: TextFeatures): boolean {
  const name = language[0]!.toUpperCase() + language.slice(1).toLowerCase();
  const mark = LANGUAGES[name]!;
  if ("script" in mark) {
    const letters = text.match(/\p{L}/gu)?.length ?? 0;
    return letters > 0 && (text.match(mark.script)?.length ?? 0) >= SCRIPT_SHARE * letters;
  }
  const common = words.filter((word) => mark.words.has(word)).length;
  return common > 0 && common >= COMMON_WORD_SHARE * words.length;
}
