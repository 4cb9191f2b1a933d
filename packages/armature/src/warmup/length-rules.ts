import { amountOf, type Measure } from "./criterion-form.ts";
import type { HardRule } from "./hard-rule.ts";
import type { TextFeatures } from "./text-features.ts";

const SMALL_NUMBERS =
  "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty".split(
    " ",
  );
const NUMBER = `(\\d{1,5}|a single|${SMALL_NUMBERS.join("|")})`;
const UNIT = "(word|sentence|paragraph|line)s?\\b";
/** `50 words`, `50-word`, `five short sentences`. */
const AMOUNT = `${NUMBER}[- ](?:(?:short|long|additional|simple|complete|full|concise|brief) )?${UNIT}`;
const WRITE = "\\b(?:write|writing|create|generate|compose|give|produce|make|draft|provide|tell)\\b";

/** Longest and shortest form of an approximate length. */
const ABOUT = 0.2;

const COUNTS: Readonly<Record<string, (text: TextFeatures) => number>> = {
  word: ({ words }) => words.length,
  sentence: ({ sentenceLengths }) => sentenceLengths.length,
  paragraph: ({ paragraphs }) => paragraphs,
  line: ({ lines }) => lines,
  item: itemsOf,
};

/** Items of a list, else lines after one another, else what commas and "and" separate. */
function itemsOf({ text, bullets, numbered, lines }: TextFeatures): number {
  const listed = Math.max(bullets, numbered);
  if (listed > 0) return listed;
  return lines > 1 ? lines : text.split(/,\s*(?:and\s+|or\s+)?|;|\s+and\s+/).length;
}

const AMOUNT_VALUES = `\\d+ (?:${Object.keys(COUNTS).join("|")})s?`;

const AT_MOST = patterns(
  `\\b(?:at most|(?:no|not) more than|not (?:to )?exceed|(?:not|without) exceeding|up to|under|below|within|(?<!\\b(?:no|not) )(?:less|fewer) than|max(?:imum)?(?: of)?|limit(?:ed)? to)\\s+${AMOUNT}`,
  `\\b${AMOUNT}\\s+(?:or (?:less|fewer)|max(?:imum)?\\b|at (?:the )?most)`,
  `\\b\\d{1,5}\\s*(?:to|-|–)\\s*${AMOUNT}`,
);
const AT_LEAST = patterns(
  `(?<!\\b(?:no|not) )\\b(?:at least|(?:no|not) (?:less|fewer) than|more than|over|minimum(?: of)?)\\s+${AMOUNT}`,
  `\\b${AMOUNT}\\s+(?:or (?:more|longer)|min(?:imum)?\\b|at (?:the )?least)`,
);
const EXACTLY = patterns(
  `\\b(?:exactly|precisely)\\s+${AMOUNT}`,
  `\\b(?:in|into|with|be)\\s+(?:just |only )?(${SMALL_NUMBERS[0]}|a single)[- ]${UNIT}`,
  `\\b(?:in|into|with|using|use|be)\\s+(?:just |only )?${NUMBER}[- ](?:\\w+ )?(sentence|paragraph|line)s?\\b`,
  `${WRITE}[^.\\n]{0,30}?\\b(?:an?|the)? ?${NUMBER}[- ](?:\\w+ )?(sentence|paragraph|line)s?\\b`,
);
const ABOUT_WORDS = patterns(
  `\\b(?:about|around|approximately|roughly|of|in|with)\\s+(?:about |around |approximately )?(\\d{2,5})[- ](word)s?\\b`,
  `${WRITE}[^.\\n]{0,30}?\\b(\\d{2,5})[- ](word)s?\\b`,
);

const ITEM_VERB =
  "\\b(?:list|give|name|suggest|provide|tell|write|generate|find|create|identify|recommend|propose|come up with|make|describe)\\b";
const ITEMS = new RegExp(
  `${ITEM_VERB}(?: me| us| out)?(?: the)?(?: top| first| exactly| at least)? ${NUMBER} (?!of\\b|or\\b|to\\b|and\\b)((?:[\\w'-]+ ){0,3}?[a-z-]+s)\\b`,
  "i",
);
const NO_ITEM = /\b(?:words?|sentences?|paragraphs?|lines?|minutes?|hours?|days?|years?|times?|digits?)\b/i;
/** Poems whose form is a number of lines. */
const POEM_LINES: readonly (readonly [RegExp, number])[] = [
  [/\bhaiku\b/i, 3],
  [/\blimerick\b/i, 5],
  [/\bsonnet\b/i, 14],
];

/** Demands on how long an answer is or how many things it gives. The first that fits speaks for its unit. */
export const LENGTH_RULES: readonly HardRule[] = [
  {
    kind: "hard-rule",
    values: AMOUNT_VALUES,
    wordings: [
      "The response has at most #.",
      "The response stays within #.",
      "The response does not go beyond #.",
    ],
    find: (request) => firstAmount(request, AT_MOST),
    measure: counted((count, limit) => count <= limit),
  },
  {
    kind: "hard-rule",
    values: AMOUNT_VALUES,
    wordings: ["The response has at least #.", "The response runs to no fewer than #."],
    find: (request) => firstAmount(request, AT_LEAST),
    measure: counted((count, limit) => count >= limit),
  },
  {
    kind: "hard-rule",
    values: AMOUNT_VALUES,
    wordings: [
      "The response has exactly #.",
      "The response consists of exactly #.",
      "The response is #, no more and no fewer.",
    ],
    find: (request) =>
      firstAmount(request, [...AT_MOST, ...AT_LEAST]) === null
        ? (firstAmount(request, EXACTLY) ?? poemLines(request))
        : null,
    measure: counted((count, demanded) => count === demanded),
  },
  {
    kind: "hard-rule",
    values: AMOUNT_VALUES,
    wordings: ["The response has about #.", "The response comes close to #."],
    find: (request) =>
      firstAmount(request, [...AT_MOST, ...AT_LEAST, ...EXACTLY]) === null
        ? firstAmount(request, ABOUT_WORDS)
        : null,
    measure: counted((count, demanded) => Math.abs(count - demanded) <= ABOUT * demanded),
  },
  {
    kind: "hard-rule",
    values: AMOUNT_VALUES,
    wordings: ["The response gives #, as many as asked for.", "The response offers # in number."],
    find: itemsDemanded,
    measure: counted((count, demanded) => count === demanded),
  },
];

function patterns(...sources: readonly string[]): readonly RegExp[] {
  return sources.map((source) => new RegExp(source, "i"));
}

/** The amount that the first fitting pattern names, its last two groups being number and unit. */
function firstAmount(request: string, candidates: readonly RegExp[]): string | null {
  for (const pattern of candidates) {
    const match = pattern.exec(request);
    if (match) return amountOf(numberOf(match.at(-2)!), match.at(-1)!.toLowerCase());
  }
  return null;
}

function itemsDemanded(request: string): string | null {
  const match = ITEMS.exec(request);
  if (!match || NO_ITEM.test(match[2]!)) return null;
  const count = numberOf(match[1]!);
  return count < 2 || count > 100 ? null : amountOf(count, "item");
}

function poemLines(request: string): string | null {
  const poem = POEM_LINES.find(([name]) => name.test(request));
  return poem ? amountOf(poem[1], "line") : null;
}

function numberOf(text: string): number {
  const small = SMALL_NUMBERS.indexOf(text.toLowerCase()) + 1;
  return small || (/^\d/.test(text) ? Number(text) : 1);
}

function counted(holds: (count: number, demanded: number) => boolean): Measure {
  return (response, _, value) => {
    const [demanded, unit] = value.toLowerCase().replace(/s$/, "").split(" ") as [string, string];
    const count = COUNTS[unit]!(response);
    const met = holds(count, Number(demanded));
    return { met, note: amountOf(count, unit), degree: met ? 0 : -Math.abs(count - Number(demanded)) };
  };
}
