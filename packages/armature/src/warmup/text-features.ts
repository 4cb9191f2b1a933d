/** What can be counted in a text. Nothing here knows whether the text is true or good. */
export interface TextFeatures {
  readonly text: string;
  /** In lower case. Han and kana characters count as a word each. */
  readonly words: readonly string[];
  /** Words per sentence; list items and headings count as sentences. */
  readonly sentenceLengths: readonly number[];
  readonly paragraphs: number;
  /** Lines with something in them. */
  readonly lines: number;
  readonly bullets: number;
  readonly numbered: number;
  /** Lines inside fences, or indented by four where there is no fence. */
  readonly codeLines: number;
  /** Runs of four words that stood earlier in the text. */
  readonly repeatedPhrases: number;
  readonly breaksOff: boolean;
}

const CHARACTER_WORD = "[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}]";
const LETTER = `(?!${CHARACTER_WORD})[\\p{L}\\p{M}\\p{N}]`;
/** A decimal point, an apostrophe or a hyphen inside a word belongs to it. */
const WORD = new RegExp(
  `${CHARACTER_WORD}|(?:${LETTER})+(?:(?:['’-]|(?<=\\p{N})[.,](?=\\p{N}))(?:${LETTER})+)*`,
  "gu",
);
const SENTENCE_END = /[.!?…]+["'”’)\]*]*(?=\s|$)|[。！？।]|\n/u;
const BULLET = /^\s*[-*•+]\s+\S/;
const NUMBERED = /^\s*(?:\*\*)?\d{1,2}[.)]\s*\S/;
const FENCED = /^ {0,3}```[^\n]*\n([\s\S]*?)(?:\n {0,3}```|$(?![\s\S]))/gm;
const PHRASE_WORDS = 4;
/** A shorter answer need not be a sentence. */
const SHORTEST_SENTENCE = 8;

export function textFeatures(text: string): TextFeatures {
  const words = wordsOf(text);
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return {
    text,
    words,
    sentenceLengths: text
      .split(SENTENCE_END)
      .map((sentence) => wordsOf(sentence).length)
      .filter((length) => length > 0),
    paragraphs: text.split(/\n\s*\n/).filter((paragraph) => paragraph.trim() !== "").length,
    lines: lines.length,
    bullets: lines.filter((line) => BULLET.test(line)).length,
    numbered: lines.filter((line) => NUMBERED.test(line)).length,
    codeLines: codeLinesOf(text, lines),
    repeatedPhrases: repeatedPhrases(words),
    breaksOff: words.length >= SHORTEST_SENTENCE && breaksOff(lines.at(-1) ?? ""),
  };
}

export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(WORD) ?? [];
}

/** How often a pattern (with the global flag) occurs. */
export function occurrences(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

/** Words that carry a request's subject: four letters or more, neither function words nor words of asking. */
export function keywordsOf({ words }: TextFeatures): readonly string[] {
  return [...new Set(words)].filter((word) => word.length >= 4 && !COMMON_WORDS.has(word));
}

/** How many of the words the text has, in any inflection that keeps the first five letters. */
export function keywordsUsed(keywords: readonly string[], { words }: TextFeatures): number {
  const stems = new Set(words.map(stemOf));
  return keywords.filter((keyword) => stems.has(stemOf(keyword))).length;
}

function stemOf(word: string): string {
  return word.slice(0, 5);
}

function codeLinesOf(text: string, lines: readonly string[]): number {
  const fenced = [...text.matchAll(FENCED)].flatMap((match) => match[1]!.split("\n"));
  if (text.includes("```")) return fenced.filter((line) => line.trim() !== "").length;
  return lines.filter((line) => /^(?: {4}|\t)\s*\S/.test(line) && !BULLET.test(line) && !NUMBERED.test(line))
    .length;
}

function repeatedPhrases(words: readonly string[]): number {
  const phrases = words
    .slice(PHRASE_WORDS - 1)
    .map((_, start) => words.slice(start, start + PHRASE_WORDS).join(" "));
  return phrases.length - new Set(phrases).size;
}

/** Prose that ends in a letter, a comma or a dash; list items, headings and links end so too. */
function breaksOff(lastLine: string): boolean {
  if (BULLET.test(lastLine) || NUMBERED.test(lastLine) || /^\s*(?:#|\|)|https?:\S+\s*$/.test(lastLine))
    return false;
  return wordsOf(lastLine).length >= SHORTEST_SENTENCE && /[\p{L}\p{N},;–—-]\s*$/u.test(lastLine);
}

const COMMON_WORDS: ReadonlySet<string> = new Set(
  `about above after again against also although always another answer around based because been before being below
  between both briefly cannot come comes compare consider could create describe detail detailed does doing done down
  each either ensure every example examples explain few find first following from further generate give given gives
  have having help here idea ideas identify include including input instruction into itself just kind know like list
  long made make makes many might more most much must name need needs only other output over part people please point
  points possible provide question questions rather reason reasons really request response same sentence sentences
  should show some something step steps such suggest sure task tell than that their them then there these they thing
  things think this those three through time topic under until upon used uses using very want ways well were what when
  where which while whole whom whose will with within without word words would write written your yourself`.split(
    /\s+/,
  ),
);
