import { DataError } from "../errors.ts";
import {
  ATTRIBUTES,
  ELEMENTS,
  PRINCIPLE_NAMES,
  RECIPIENTS,
  RULE_NAMES,
  RULES,
  TOPIC_NAMES,
  TOPICS,
} from "./lexicon.ts";
import { MOST_LINES } from "./rubric-language.ts";

/** Words of the forms: sections, verdicts, line numbers. They stand in no request and in no note. */
const FORM_WORDS = [
  ..."<pad> <bos> <eos> <gen> <judge> <write> [request] [rubric] [a] [b] [note]".split(" "),
  ..."[hard-rule] [principle] [compliance] gatekeeper: [analysis] a: b: yes no none".split(" "),
  ..."[final] total winner: A B".split(" "),
  ...Array.from({ length: MOST_LINES + 1 }, (_, count) => String(count)),
  ...Array.from({ length: MOST_LINES }, (_, line) => `${line + 1}.`),
];

const WORLD_TEXTS = [
  "write to the about .",
  ...RECIPIENTS,
  ...TOPIC_NAMES,
  ...Object.values(TOPICS),
  ...RULE_NAMES.flatMap((name) => [RULES[name].demand, RULES[name].line, RULES[name].label]),
  ...Object.values(ELEMENTS).flat(),
  "is",
  ...PRINCIPLE_NAMES,
  ...Object.values(ATTRIBUTES).flat(),
];

/** Every word of the sandbox; a word's place is its token id. The order is part of the shipped checkpoints. */
export const VOCABULARY: readonly string[] = [
  ...new Set([...FORM_WORDS, ...WORLD_TEXTS.flatMap((text) => text.split(" "))]),
];

const IDS: ReadonlyMap<string, number> = new Map(VOCABULARY.map((word, id) => [word, id]));

export const PAD = idOf("<pad>");
export const BOS = idOf("<bos>");
export const EOS = idOf("<eos>");

/** Token id of a word known to exist. */
export function idOf(word: string): number {
  const id = IDS.get(word);
  if (id === undefined) throw new DataError(`the sandbox does not know the word "${word}"`);
  return id;
}

/** Text whose words are separated by white space to token ids. Throws `DataError` that names the first unknown word. */
export function encodeWords(text: string): number[] {
  return wordsOf(text).map((word, i) => IDS.get(word) ?? unknownWord(word, i, text));
}

/** The same for what a user or a policy wrote: words of the forms are refused, so a note cannot pose as a section. */
export function encodeWorldText(text: string): number[] {
  const ids = encodeWords(text);
  const place = ids.findIndex((id) => id < FORM_WORDS.length);
  if (place < 0) return ids;
  throw new DataError(
    `"${VOCABULARY[ids[place]!]}" (word ${place + 1} of "${text}") is a word of the sandbox's forms: leave it out of requests and responses`,
  );
}

/** Token ids to words, up to the first end token. Throws `DataError` for an id outside the vocabulary. */
export function decodeWords(tokens: Iterable<number>): string {
  const words: string[] = [];
  for (const id of tokens) {
    if (id === EOS) break;
    const word = VOCABULARY[id];
    if (word === undefined) {
      throw new DataError(
        `token ${id} is outside the sandbox's vocabulary of ${VOCABULARY.length}: use a nano model`,
      );
    }
    words.push(word);
  }
  return words.join(" ");
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

function unknownWord(word: string, place: number, text: string): never {
  throw new DataError(
    `the sandbox does not know "${word}" (word ${place + 1} of "${text}"): it speaks ${VOCABULARY.length} words, in lower case, with spaces around punctuation`,
  );
}
