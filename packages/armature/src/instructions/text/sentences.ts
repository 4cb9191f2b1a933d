import { STOP_WORDS } from "./words.ts";

/** Abbreviations of English that end in a period and seldom end a sentence; a period inside belongs to them ("e.g"). */
const ABBREVIATIONS: ReadonlySet<string> = new Set(
  `mr mrs ms dr prof rev hon st sr jr messrs mme gen lt maj capt cmdr sgt cpl pvt gov sen supt
  inc ltd co bros llc dept univ assn intl mfg vs al cf ca viz approx nos vol vols figs eq eds pp
  jan feb mar apr jun jul aug sept oct nov dec tues thurs fri
  ave blvd rd hwy mt ph.d m.d b.a m.a b.s m.s u.s u.k u.n u.s.a d.c e.g a.m p.m a.d b.c n.y calif`.split(
    /\s+/,
  ),
);

/** "J.K", but not the "P.S." that opens a postscript. */
const INITIALS = /^(?!(?:P\.)+S$)(?:\p{Lu}\.)+\p{Lu}$/u;
/** Quotes and brackets that close what a sentence ended. */
const CLOSING = /^\s*["')\]}]+(?=\s|$)/;
/** The last of a run of marks, and the word that follows where white space does. */
const PLACE = /[.?!](?=(?![)"'\]}]+[.,;:])[)";}\]*:@'({[]|\s+(\S+))/g;

/**
 * Splits English text into sentences, after Kiss and Strunk (2006): a mark ends a sentence unless its period belongs to an
 * abbreviation, an initial or a number, or the next word says that the sentence goes on. Their statistics of a corpus are
 * replaced by a list of abbreviations and by which words the text itself, or the list of stop words, has in small letters.
 * Line breaks end nothing by themselves.
 */
export function sentencesOf(text: string): readonly string[] {
  const small = smallWords(text);
  const starts = [0];
  for (const match of text.matchAll(PLACE)) {
    const end = match.index + 1;
    const word = wordBefore(text, end);
    if (!endsSentence(word, match[1] ?? text.slice(end, end + 1), small)) continue;
    // What closes a quote or a bracket stays with the sentence that it closes.
    starts.push(end + (CLOSING.exec(text.slice(end))?.[0].length ?? 0));
  }
  return starts.map((start, i) => text.slice(start, starts[i + 1]).trim()).filter((one) => one !== "");
}

/** What stands between white space and `end`. Looked for backwards, or a text without sentences would take quadratic time. */
function wordBefore(text: string, end: number): string {
  let start = end;
  while (start > 0 && !/\s/.test(text[start - 1]!)) start--;
  return text.slice(start, end);
}

function endsSentence(word: string, next: string, small: ReadonlySet<string>): boolean {
  if (!word.endsWith(".")) return true;
  const stem = word.replace(/^[^\p{L}\p{N}]+/u, "").slice(0, -1);
  const last = stem.slice(stem.lastIndexOf("-") + 1).toLowerCase();
  const begins = beginsSentence(next, small);
  if (word.endsWith("..")) return begins === true;
  if (/^\p{Lu}$/u.test(stem)) return begins === true || (begins === null && !/^\P{L}*\p{Lu}/u.test(next));
  if (/^-?[\d.,]+$/.test(stem)) return begins !== false;
  const abbreviated = ABBREVIATIONS.has(last) || INITIALS.test(stem);
  return !abbreviated || begins === true;
}

/** Whether a word looks like the start of a sentence; null where it may be or not, like a name. */
function beginsSentence(next: string, small: ReadonlySet<string>): boolean | null {
  const word = /^\p{L}[\p{L}\p{M}-]*/u.exec(next)?.[0];
  if (word === undefined) return null;
  const lower = word.toLowerCase();
  if (/^\p{Ll}/u.test(word)) return false;
  return small.has(lower) || STOP_WORDS.has(lower) ? true : null;
}

function smallWords(text: string): ReadonlySet<string> {
  return new Set(text.match(/(?<![\p{L}\p{N}])\p{Ll}[\p{L}\p{M}-]*/gu) ?? []);
}
