import {
  amountOf,
  type CriterionForm,
  eitherOr,
  enough,
  fewEnough,
  type Measurement,
} from "./criterion-form.ts";
import type { RequestFamily } from "./request-family.ts";
import { keywordsOf, keywordsUsed, occurrences, type TextFeatures } from "./text-features.ts";

/** A quality that the teacher asks of a family's answers, as far as counting can follow it. */
export interface Principle extends CriterionForm {
  readonly kind: "principle";
  readonly families: readonly RequestFamily[];
}

const KEYWORD_SHARE = 0.5;
const SOURCE_SHARE = 0.5;
const BRIEF_WORDS = 40;
const DETAIL_WORDS = 30;
const LONG_SENTENCE_WORDS = 24;
/** Shorter answers need no structure, and too few words vary by themselves. */
const SHORT_WORDS = 40;
const VARIED_SHARE = 0.6;
const REPEATED_SHARE = 0.05;

const PREAMBLE =
  /^\s*(?:sure|certainly|of course|absolutely|great question|okay|ok|hello|hi|thank you|i'd be|i would be|as an ai)\b/i;
const DECLINE =
  /\b(?:i (?:cannot|can't|am unable|am not able|do not have|don't have)|i'm (?:unable|not able|sorry)|as an ai|unfortunately)\b/gi;
const REASON =
  /\b(?:because|since|therefore|thus|hence|so that|due to|as a result|which means|leads? to|in order to)\b/gi;
const EXAMPLE = /\b(?:for example|for instance|such as|e\.g|including)\b/gi;
const ADVICE =
  /\b(?:you (?:can|could|should|may|might|need to)|try|make sure|consider|avoid|be sure|remember|start by|ensure)\b/gi;
const RESERVATION =
  /\b(?:if|unless|depend(?:s|ing)|however|but|although|consult|careful|may not|might not|in some cases)\b/gi;
const HEDGE = /\b(?:maybe|perhaps|could be|might be|possibly|not sure|unclear|it seems|either)\b/gi;
const CALCULATION = /\d[\d.,]*\s*[%)]?\s*[-+*/×÷=^]\s*\(?\s*\$?\d/g;

/** What the teacher takes for qualities of an answer. It counts; it does not understand. */
export const PRINCIPLES: readonly Principle[] = [
  {
    kind: "principle",
    families: ["code", "rewriting", "maths", "classification", "creative", "advice", "explanation", "open"],
    wordings: [
      "The response addresses what the request asks for.",
      "The response stays with the subject of the request.",
      "The response deals with every part of the request.",
    ],
    measure: keywordMeasure,
  },
  {
    kind: "principle",
    families: ["code", "creative", "advice", "explanation", "open"],
    wordings: [
      "The response is complete and does not break off.",
      "The response comes to a proper end.",
      "The response is finished rather than cut short.",
    ],
    measure: ({ breaksOff }) => eitherOr(!breaksOff, "comes to an end", "breaks off"),
  },
  {
    kind: "principle",
    families: ["rewriting", "creative", "explanation", "open"],
    wordings: [
      "The response does not repeat itself.",
      "The response says each thing once.",
      "The response avoids saying the same thing again.",
    ],
    measure: ({ repeatedPhrases, words }) =>
      fewEnough(repeatedPhrases, REPEATED_SHARE * words.length, amountOf(repeatedPhrases, "repeated phrase")),
  },
  {
    kind: "principle",
    families: ["rewriting", "maths", "classification", "open"],
    wordings: [
      "The response is brief and to the point.",
      "The response leaves out what is not needed.",
      "The response is no longer than its task requires.",
    ],
    measure: ({ words }) => fewEnough(words.length, BRIEF_WORDS, amountOf(words.length, "word")),
  },
  {
    kind: "principle",
    families: ["creative", "advice", "explanation", "open"],
    wordings: [
      "The response gives enough detail to be useful.",
      "The response develops its points instead of naming them.",
      "The response covers its subject in some depth.",
    ],
    measure: ({ words }) => enough(words.length, DETAIL_WORDS, amountOf(words.length, "word")),
  },
  {
    kind: "principle",
    families: ["advice", "explanation", "open"],
    wordings: [
      "The response is clearly organised.",
      "The response has a structure that is easy to follow.",
      "The response arranges its points in a sensible order.",
    ],
    measure: ({ words, paragraphs, bullets, numbered }) => {
      const items = bullets + numbered;
      const note = items > 0 ? amountOf(items, "item") : amountOf(paragraphs, "paragraph");
      return enough(paragraphs + items, words.length < SHORT_WORDS ? 1 : 2, note);
    },
  },
  {
    kind: "principle",
    families: ["maths", "classification", "advice", "explanation"],
    wordings: [
      "The response gives reasons for what it says.",
      "The response supports its claims with reasoning.",
      "The response makes clear why its answer holds.",
    ],
    measure: atLeastOne(REASON, "reason"),
  },
  {
    kind: "principle",
    families: ["advice", "explanation"],
    wordings: [
      "The response makes its points concrete with examples.",
      "The response illustrates what it says.",
      "The response offers examples where they help.",
    ],
    measure: atLeastOne(EXAMPLE, "example"),
  },
  {
    kind: "principle",
    families: ["rewriting", "advice", "explanation", "creative"],
    wordings: [
      "The response is written in clear, readable sentences.",
      "The response is easy to read.",
      "The response keeps its sentences plain.",
    ],
    measure: ({ sentenceLengths }) => {
      const mean = sentenceLengths.reduce((sum, n) => sum + n, 0) / Math.max(1, sentenceLengths.length);
      return fewEnough(mean, LONG_SENTENCE_WORDS, `${amountOf(Math.round(mean), "word")} a sentence`);
    },
  },
  {
    kind: "principle",
    families: ["advice"],
    wordings: [
      "The response says what to do in practical terms.",
      "The response gives advice that can be acted on.",
      "The response turns its points into actions.",
    ],
    measure: atLeastOne(ADVICE, "piece", " of advice"),
  },
  {
    kind: "principle",
    families: ["advice"],
    wordings: [
      "The response says when its advice does not hold.",
      "The response mentions limits and exceptions.",
      "The response takes different situations into account.",
    ],
    measure: atLeastOne(RESERVATION, "reservation"),
  },
  {
    kind: "principle",
    families: ["creative"],
    wordings: [
      "The response uses varied and lively language.",
      "The response chooses its words with imagination.",
      "The response has a rich vocabulary.",
    ],
    measure: ({ words }) => {
      const share = words.length === 0 ? 0 : new Set(words).size / words.length;
      return enough(share, VARIED_SHARE, `${Math.round(100 * share)} percent different words`);
    },
  },
  {
    kind: "principle",
    families: ["maths"],
    wordings: [
      "The response shows how its result is reached.",
      "The response writes its working out.",
      "The response lets the reader check each calculation.",
    ],
    measure: atLeastOne(CALCULATION, "calculation"),
  },
  {
    kind: "principle",
    families: ["maths"],
    wordings: [
      "The response states its final result clearly.",
      "The response ends with a definite result.",
      "The response leaves no doubt about the final answer.",
    ],
    measure: ({ text }) =>
      eitherOr(/\d/.test(text.trim().split("\n").at(-1)!), "ends with a number", "ends without a number"),
  },
  {
    kind: "principle",
    families: ["code"],
    wordings: [
      "The response shows code rather than talking about it.",
      "The response gives code that can be used as it stands.",
      "The response puts its solution into code.",
    ],
    measure: ({ codeLines }) => enough(codeLines, 1, `${amountOf(codeLines, "line")} of code`),
  },
  {
    kind: "principle",
    families: ["code"],
    wordings: [
      "The response explains how its solution works.",
      "The response makes its approach understandable.",
      "The response says what its solution does.",
    ],
    measure: atLeastOne(
      /(?:^|\s)(?:#|\/\/|--|\/\*)\s*\w|\b(?:this|which|the (?:code|function|program|script)) \w+s\b/gi,
      "remark",
    ),
  },
  {
    kind: "principle",
    families: ["rewriting"],
    wordings: [
      "The response keeps to the content of its source.",
      "The response adds nothing that the source does not say.",
      "The response preserves the meaning of the original.",
    ],
    measure: (response, request) => {
      const keywords = keywordsOf(response);
      const share = keywords.length === 0 ? 0 : keywordsUsed(keywords, request) / keywords.length;
      return enough(share, SOURCE_SHARE, `${Math.round(100 * share)} percent from the source`);
    },
  },
  {
    kind: "principle",
    families: ["maths", "classification", "rewriting", "open"],
    wordings: [
      "The response begins with the answer itself.",
      "The response answers directly, without preamble.",
      "The response comes to its point at once.",
    ],
    measure: ({ text }) => eitherOr(!PREAMBLE.test(text), "starts at once", "starts with a preamble"),
  },
  {
    kind: "principle",
    families: ["classification"],
    wordings: [
      "The response commits itself to one answer.",
      "The response decides and does not waver.",
      "The response is definite about its choice.",
    ],
    measure: noneOf(HEDGE, "hedge"),
  },
  {
    kind: "principle",
    families: ["code", "creative", "open"],
    wordings: [
      "The response does what was asked instead of declining.",
      "The response makes a real attempt at the task.",
      "The response helps rather than excusing itself.",
    ],
    measure: noneOf(DECLINE, "excuse"),
  },
];

/** What a criterion without a form is measured by, too. */
export function keywordMeasure(response: TextFeatures, request: TextFeatures): Measurement {
  const keywords = keywordsOf(request).slice(0, 10);
  const used = keywordsUsed(keywords, response);
  return enough(
    used,
    KEYWORD_SHARE * keywords.length,
    `uses ${used} of ${amountOf(keywords.length, "keyword")}`,
  );
}

function atLeastOne(pattern: RegExp, unit: string, of = ""): CriterionForm["measure"] {
  return ({ text }) => {
    const count = occurrences(text, pattern);
    return enough(count, 1, amountOf(count, unit) + of);
  };
}

function noneOf(pattern: RegExp, unit: string): CriterionForm["measure"] {
  return ({ text }) => {
    const count = occurrences(text, pattern);
    return fewEnough(count, 0, amountOf(count, unit));
  };
}
