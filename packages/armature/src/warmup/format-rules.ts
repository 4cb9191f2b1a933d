import { amountOf, eitherOr, enough, fewEnough, type Measure, type Measurement } from "./criterion-form.ts";
import { demandedBy, type HardRule } from "./hard-rule.ts";
import { LANGUAGE_NAMES, passesFor } from "./languages.ts";
import { occurrences, type TextFeatures, wordsOf } from "./text-features.ts";

const QUOTED = "[\"“'‘`]([^\"”'’`\\n]{1,40})[\"”'’`]";
const NAMED_TEXT = `(?:the )?(?:following )?(?:words?|phrases?|terms?|keywords?|names?|title|hashtags?|characters?|letters?)[^.\\n"“'‘\`]{0,20}`;
const REQUIRED_TEXT = new RegExp(
  `(?<!\\b(?:not|don't|never|without|avoid) )\\b(?:includ(?:e|es|ing)|us(?:e|es|ing)|contain(?:s|ing)?|mention(?:s|ing)?) ${NAMED_TEXT}((?:${QUOTED}(?:, | and |, and )?)+)`,
  "i",
);
const FORBIDDEN_TEXT = new RegExp(
  `\\b(?:not|don't|never|without|avoid)(?: \\w+ing| use| include| mention| say)? ${NAMED_TEXT}((?:${QUOTED}(?:, | and | or )?)+)`,
  "i",
);
const LANGUAGE = new RegExp(
  `\\b(?:translate|translation|write|answer|respond|reply|rewrite|convert|say)\\b[^.\\n]{0,80}?\\b(?:in|into|to) (?:the )?(${LANGUAGE_NAMES})\\b(?! (?:sentence|text|word))`,
  "i",
);
const LABELS =
  /\b(?:answer|respond|reply|output|classify|say|use|select|choose|indicate|return)\b[^.\n]{0,60}["“'‘]([\w -]{1,20})["”'’](?:,? (?:or|and) |, ?|\/)["“'‘]([\w -]{1,20})["”'’]/i;
const YES_NO =
  /\b(?:answer|respond|reply|use|say|output)\b[^.\n]{0,30}\b(yes|true)["”'’]?(?: or | and |\/)["“'‘]?(no|false)\b/i;
const OPTIONS = /\boptions:\s*\n((?:\s*[-*(]?\s*\S[^\n]*\n?){2,8})/i;

/** More words than this are more than an answer. */
const BARE_ANSWER_WORDS = 30;

/** Demands on the form of an answer or on what stands in it. */
export const FORMAT_RULES: readonly HardRule[] = [
  {
    kind: "hard-rule",
    wordings: ["The response is a bulleted list.", "The response sets its points out with bullets."],
    find: demandedBy(/\bbullet(?:ed)?[- ]?(?:points?|list)\b(?<!(?:given|following) list of bullet points)/i),
    measure: ({ bullets }) => enough(bullets, 2, amountOf(bullets, "bullet")),
  },
  {
    kind: "hard-rule",
    wordings: ["The response is a numbered list.", "The response numbers its items."],
    find: demandedBy(/\b(?:numbered|ordered) list\b/i),
    measure: ({ numbered }) => enough(numbered, 2, amountOf(numbered, "numbered item")),
  },
  {
    kind: "hard-rule",
    wordings: ["The response puts its content in a table.", "The response is laid out as a table."],
    find: demandedBy(
      /\b(?:in|as|into|make|create|generate|draw|using|use)\b[^.\n]{0,25}\btable\b(?! of contents| called| named| in the| space)/i,
    ),
    measure: presence(/^\s*\|?[^|\n]+\|[^|\n]+/gm, "table row", 2),
  },
  {
    kind: "hard-rule",
    wordings: ["The response is valid JSON.", "The response gives its content as JSON."],
    find: demandedBy(/\b(?:as|in|valid|return|output|using)\s+(?:an? )?(?:valid )?json\b(?! (?:data|file))/i),
    measure: ({ text }) => eitherOr(isJson(text), "valid JSON", "no valid JSON"),
  },
  {
    kind: "hard-rule",
    wordings: ["The response contains the code that was asked for.", "The response includes working code."],
    find: demandedBy(
      /\b(?:write|implement|create|develop|give|provide|generate|code)\b[^.\n]{0,50}\b(?:(?:python|bash|shell|javascript|sql|powershell|java) (?:script|code|program|function|query)|program|function|code|regex|regular expression|class|method|algorithm)\b/i,
    ),
    measure: ({ codeLines }) => enough(codeLines, 1, `${amountOf(codeLines, "line")} of code`),
  },
  {
    kind: "hard-rule",
    values: LANGUAGE_NAMES,
    wordings: ["The response is written in #.", "The response keeps to # throughout."],
    find: (request) => LANGUAGE.exec(request)?.[1] ?? null,
    measure: (response, _, language) =>
      eitherOr(passesFor(language, response), `reads as ${language}`, `does not read as ${language}`),
  },
  {
    kind: "hard-rule",
    wordings: [
      "The response uses one of the answers that were offered.",
      "The response picks an offered answer.",
    ],
    find: (request) => (offeredAnswers(request).length > 1 ? "" : null),
    measure: (response, request) => {
      const named = offeredAnswers(request.text).filter((answer) => mentions(response, answer));
      return {
        met: named.length === 1,
        note: `names ${named.length} of the offered answers`,
        degree: -Math.abs(named.length - 1),
      };
    },
  },
  {
    kind: "hard-rule",
    wordings: [
      "The response gives the answer alone, without explanation.",
      "The response contains nothing but the answer.",
    ],
    find: demandedBy(
      /\b(?:without|no|don't|do not)\b[^.\n]{0,20}\b(?:explanations?|explain|additional text|other text)\b|\bonly (?:the |answer|respond|output|return|reply)[^.\n]{0,20}\b(?:answer|number|output|name|label|word|letter|code)\b|\bjust the answer\b/i,
    ),
    measure: ({ words }) => fewEnough(words.length, BARE_ANSWER_WORDS, amountOf(words.length, "word")),
  },
  {
    kind: "hard-rule",
    wordings: [
      "The response contains the required words.",
      "The response includes the text that must appear.",
    ],
    find: (request) => (quotedIn(request, REQUIRED_TEXT).length > 0 ? "" : null),
    measure: (response, request) => {
      const required = quotedIn(request.text, REQUIRED_TEXT);
      const found = required.filter((text) => includes(response, text)).length;
      return enough(found, required.length, `has ${found} of ${required.length} required`);
    },
  },
  {
    kind: "hard-rule",
    wordings: [
      "The response avoids the forbidden words.",
      "The response leaves out the text that must not appear.",
    ],
    find: (request) => (quotedIn(request, FORBIDDEN_TEXT).length > 0 ? "" : null),
    measure: (response, request) => {
      const found = quotedIn(request.text, FORBIDDEN_TEXT).filter((text) => includes(response, text)).length;
      return fewEnough(found, 0, `has ${found} forbidden`);
    },
  },
  {
    kind: "hard-rule",
    wordings: ["The response is written in capital letters.", "The response uses upper case throughout."],
    find: demandedBy(/\b(?:in|into|to|using) (?:all |only )?(?:caps|capital letters|upper ?case)\b/i),
    measure: ({ text }) => none(occurrences(text, /\p{Ll}/gu), "lower-case letter"),
  },
  {
    kind: "hard-rule",
    wordings: ["The response is written in lower case.", "The response uses no capital letters."],
    find: demandedBy(/\b(?:in|into|to|using) (?:all |only )?lower ?case\b/i),
    measure: ({ text }) => none(occurrences(text, /\p{Lu}/gu), "capital letter"),
  },
  {
    kind: "hard-rule",
    wordings: ["The response goes step by step.", "The response sets out its steps in order."],
    find: demandedBy(/\bstep[- ]by[- ]step\b/i),
    measure: ({ text, numbered }) => {
      const steps =
        numbered +
        occurrences(text, /\b(?:first(?:ly)?|second(?:ly)?|third(?:ly)?|then|next|finally|step \d)\b/gi);
      return enough(steps, 2, amountOf(steps, "marked step"));
    },
  },
  {
    kind: "hard-rule",
    wordings: ["The response uses emojis.", "The response contains the emojis that were asked for."],
    find: demandedBy(
      /\b(?:use|using|add|include|with) (?:(?:the|some|correct|appropriate|suitable) )*emojis?\b/i,
    ),
    measure: presence(/\p{Extended_Pictographic}/gu, "emoji", 1),
  },
];

function presence(pattern: RegExp, unit: string, least: number): Measure {
  return ({ text }) => {
    const count = occurrences(text, pattern);
    return enough(count, least, amountOf(count, unit));
  };
}

function none(count: number, unit: string): Measurement {
  return fewEnough(count, 0, amountOf(count, unit));
}

function isJson(text: string): boolean {
  const bare = /^\s*```\w*\n([\s\S]*?)```\s*$/.exec(text)?.[1] ?? text;
  try {
    const value: unknown = JSON.parse(bare);
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}

/** Quoted labels ("use 'a' or 'b'"), yes or no, or the lines below "Options:". */
function offeredAnswers(request: string): readonly string[] {
  const options = OPTIONS.exec(request)?.[1];
  if (options) {
    const lines = options.split("\n").map((line) => line.replace(/^\s*[-*(]?\s*/, "").trim());
    return lines.filter((line) => line !== "");
  }
  return (LABELS.exec(request) ?? YES_NO.exec(request))?.slice(1, 3) ?? [];
}

function quotedIn(request: string, pattern: RegExp): readonly string[] {
  const found = pattern.exec(request)?.[1];
  return found === undefined ? [] : [...found.matchAll(new RegExp(QUOTED, "g"))].map((match) => match[1]!);
}

/** As words of their own, so that "no" is not found in "know". */
function mentions({ words }: TextFeatures, answer: string): boolean {
  return ` ${words.join(" ")} `.includes(` ${wordsOf(answer).join(" ")} `);
}

function includes({ text }: TextFeatures, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}
