import { sentencesOf } from "./sentences.ts";

/** Steps that set pieces apart by blanks, after the Penn Treebank's convention; quotes first, since they depend on their neighbours. */
const STEPS: readonly (readonly [RegExp, string])[] = [
  [/[«“‘„]|`+/g, " $& "],
  [/``/g, " `` "],
  [/^"/, " `` "],
  [/([ ([{<])("|'')/g, "$1 `` "],
  [/(?<![\p{L}\p{N}_])'(?!(?:re|ve|ll|m|t|s|d|n)(?![\p{L}\p{N}_]))(?=[\p{L}\p{N}_])/giu, "' "],
  // A period ends a word only where the sentence ends: "U.S." and "3.5" stay whole.
  [/([^.])(\.)([\])}>"'»”’ ]*)\s*$/, "$1 $2 $3 "],
  [/([:,])(?=\D)/g, " $1 "],
  [/[:,]$/, " $& "],
  [/\.{2,}/g, " $& "],
  [/[;@#$%&*?!\u2012-\u2015]/g, " $& "],
  [/([^'])' /g, "$1 ' "],
  [/[\][(){}<>]/g, " $& "],
  [/--/g, " -- "],
];

/** The same for closing quotes and what English contracts; the text then begins and ends with a blank. */
const ENDINGS: readonly (readonly [RegExp, string])[] = [
  [/[»”’]/g, " $& "],
  [/''|"/g, " '' "],
  [/\s+/g, " "],
  [/([^' ])('[smd]|') /gi, "$1 $2 "],
  [/([^' ])('ll|'re|'ve|n't) /gi, "$1 $2 "],
  [/\b(can)(not)\b/gi, " $1 $2 "],
  [/\b(gim|lem)(me)\b/gi, " $1 $2 "],
  [/\b(gon|wan)(na)\b/gi, " $1 $2 "],
  [/\b(got)(ta)\b/gi, " $1 $2 "],
];

/** Words, numbers and marks of a text, sentence by sentence; "don't" gives "do" and "n't". */
export function wordTokens(text: string): readonly string[] {
  return sentencesOf(text).flatMap((sentence) => {
    const opened = STEPS.reduce((so, [pattern, apart]) => so.replace(pattern, apart), sentence);
    const closed = ENDINGS.reduce((so, [pattern, apart]) => so.replace(pattern, apart), ` ${opened} `);
    return closed.split(/\s+/).filter((token) => token !== "");
  });
}
