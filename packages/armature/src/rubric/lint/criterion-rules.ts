import { pitfallPolarity } from "../polarity.ts";
import type { Criterion } from "../rubric.ts";

/** What a rule found in one criterion: what stands there, and what to write in its place. */
export interface CriterionFault {
  readonly reason: string;
  readonly mend: string;
}

/** A rule that needs to see one criterion only. */
export interface CriterionRule {
  readonly name: string;
  /** What the rule is against, in a line. */
  readonly against: string;
  check(criterion: Criterion): CriterionFault | null;
}

/** A text without what only illustrates: brackets, quotes and what follows "such as". */
function bareText(text: string): string {
  return text
    .replace(/\([^)]*\)|\[[^\]]*\]/g, " ")
    .replace(/"[^"]*"|“[^”]*”|`[^`]*`/g, " ")
    .replace(/,?\s*(?:such as|for example|e\.g\.|i\.e\.|including|like)\b[^.;]*/gi, " ")
    .replace(/\s+/g, " ")
    .trim();
}

const words = (text: string) => text.match(/[\p{L}\p{N}'’-]+|\p{Script=Han}/gu) ?? [];

/** Words that two judges read differently. */
const VAGUE =
  /\b(good|bad|nice|great|excellent|high[- ]quality|quality|appropriate(?:ly)?|inappropriate(?:ly)?|adequate(?:ly)?|reasonabl[ey]|suitabl[ey]|sufficient(?:ly)?|proper(?:ly)?|effective(?:ly)?|engaging|interesting|compelling|well[- ](?:written|structured|organi[sz]ed|thought[- ]out)|thorough(?:ly)?|comprehensive(?:ly)?|meaningful(?:ly)?|insightful(?:ly)?|helpful(?:ly)?|useful(?:ly)?|somewhat|fairly|etc)\b/i;
/** A measure, a quotation or a name makes such a word precise enough. */
const PRECISE = /\d|["“`]|\b(?:at least|at most|no more than|every|each|exactly)\b/i;

/** Feelings and intentions, which do not stand in a response. */
const UNSEEN =
  /\b(?:(?:user|reader|audience|patient|customer)s? (?:feels?|will feel|would feel|(?:is|are) satisfied|enjoys?|likes?|(?:will|would) (?:understand|enjoy|like|be (?:happy|satisfied|pleased)))|(?:intends?|tries|attempts|aims|wants|means) to|(?:is|are) (?:motivated|sincere|genuine)\b|perfect(?:ly)?|flawless(?:ly)?|best possible|as (?:good|well) as possible|optimal(?:ly)?)\b/i;
/** Truth claimed without saying what is true. */
const BARE_TRUTH =
  /\b(?:is|are|be|being|remains?|provides?|gives?|contains?|includes?)\s+(?:\w+\s+){0,2}(?:accurate|correct|true|factual|up[- ]to[- ]date|valid|error[- ]free)(?:\s+(?:information|facts?|content|answers?|details?|data))?\s*[.?!]?$/i;

const VERBS =
  "explain|describe|mention|include|provide|discuss|identif(?:y|ie)|state|note|address|recommend|suggest|give|list|ask|advise|warn|define|compare|cite|use|offer|show|present|analy[sz]e|evaluate|highlight|emphasi[sz]e|acknowledge|clarif(?:y|ie)|justif(?:y|ie)|support|demonstrate|ensure|avoid|maintain|follow|outline|summari[sz]e|specif(?:y|ie)|connect|relate|distinguish|propose|consider|indicate|encourage|offer|reference|contain|refrain|remain|respect|convert|calculate|conclude";
/** A second requirement after "and": a verb with its object, or the auxiliary of one. */
const SECOND_VERB = new RegExp(
  `(?:\\band(?: (?:also|then|further|additionally))?|\\bas well as|;|\\bbut(?: also)?) (?:(?:it )?(?:does|is|are|has|should|must)\\b|(?:\\w+ly )?(?:${VERBS})(?:e?s)?\\b(?= (?:the|a|an|that|how|why|when|whether|any|all|at|in|on|to|for|with|by|about|no|not|its|their|each|every|from)\\b))`,
  "i",
);

const OUTSIDE =
  /\b(?:reference (?:answer|response|text)|gold(?:en)? (?:answer|standard)|ideal (?:answer|response)|ground truth|as (?:stated|listed|described|mentioned) above|the (?:above|previous|next|other) criteri(?:on|a)|criterion (?:no\. )?\d+|see above)\b/i;

const LONGEST = 60;
const SHORTEST = 3;

/** The rules, in the order in which their findings are listed. */
export const CRITERION_RULES: readonly CriterionRule[] = [
  {
    name: "vague",
    against: "words that two judges read differently",
    check: ({ text, choices }) => {
      // Described choices say what the word means.
      if (choices?.some(({ description }) => description !== undefined)) return null;
      const [word] = VAGUE.exec(bareText(text)) ?? [];
      if (word === undefined || PRECISE.test(text) || words(text).length > 25) return null;
      return { reason: `"${word}" is a matter of opinion`, mend: "say what can be seen when it holds" };
    },
  },
  {
    name: "stacked",
    against: "several requirements in one criterion, where one verdict cannot tell which holds",
    check: ({ text }) => {
      const bare = bareText(text);
      const [join] = SECOND_VERB.exec(bare) ?? [];
      const sentences = bare.split(/[.?!]\s+(?=\p{Lu})/u).filter((sentence) => words(sentence).length > 3);
      if (join === undefined && sentences.length < 3) return null;
      const reason =
        join === undefined
          ? `${sentences.length} sentences each ask for something`
          : `"${join.trim()}" joins a second requirement`;
      return { reason, mend: "make a criterion of each part" };
    },
  },
  {
    name: "not-checkable",
    against: "what cannot be seen in the response",
    check: ({ text }) => {
      const [unseen] = UNSEEN.exec(bareText(text)) ?? [];
      if (unseen !== undefined)
        return {
          reason: `"${unseen}" does not stand in the response`,
          mend: "name what stands there instead",
        };
      const [truth] = BARE_TRUTH.exec(bareText(text)) ?? [];
      return truth === undefined
        ? null
        : {
            reason: `"${truth.trim()}" asks the judge to know the truth`,
            mend: "state the facts that must be there",
          };
    },
  },
  {
    name: "not-self-contained",
    against: "texts that point to something the judge may not see",
    check: ({ text }) => {
      const [pointer] = OUTSIDE.exec(text) ?? [];
      return pointer === undefined
        ? null
        : { reason: `"${pointer}" points outside the criterion`, mend: "write out what is meant" };
    },
  },
  {
    name: "unclear-polarity",
    against: "wordings that say the opposite of what the weight or polarity counts",
    check: ({ text, weight, polarity, category }) => {
      const reading = pitfallPolarity(text);
      if (polarity === "bad" && reading.polarity === "good")
        return {
          reason: "it counts as bad when true, and is worded as something good",
          mend: "set the polarity to good, or name what is bad",
        };
      if ((weight < 0 || category === "pitfall") && !reading.sure)
        return {
          reason: `its denial leaves open whether it is ${polarity} when true`,
          mend: "name what the response does, without a denial",
        };
      return /\b(?:not|never|n't|no)\b[^.;,]*\b(?:fail|avoid|refrain|omit|neglect|without)\w*/i.test(
        bareText(text),
      )
        ? { reason: "it denies a denial", mend: "say it without either" }
        : null;
    },
  },
  {
    name: "long",
    against: "criteria that take longer to read than to check",
    check: ({ text }) => {
      const count = words(text).length;
      return count > LONGEST
        ? { reason: `${count} words`, mend: `say it in at most ${LONGEST}, or split it` }
        : null;
    },
  },
  {
    name: "label",
    against: "names of topics in place of statements",
    check: ({ text, choices }) =>
      choices === undefined && words(text).length < SHORTEST
        ? {
            reason: "it names a topic and states nothing",
            mend: "write a sentence that can be true or false",
          }
        : null,
  },
];
