import type { Criterion } from "./rubric.ts";

/** What the truth of a statement means, and whether its wording leaves a doubt. */
export interface PolarityReading {
  readonly polarity: Criterion["polarity"];
  readonly sure: boolean;
  /** True for a statement that neither avoids, denies nor misses anything: its words alone cannot tell good from bad. */
  readonly plain: boolean;
}

/** Who is spoken of, and modal words before the verb. */
const SUBJECT =
  /^(?:(?:the|this|that|an?|any)\s+)?(?:(?:response|answer|output|reply|model|assistant|text|solution|explanation)\s+)?(?:(?:should|must|shall|will|can|may)\s+)?/i;
/** Verbs of keeping away from a mistake, and freedom from one. */
const AVOIDS =
  /^(?:(?:successfully|correctly|appropriately|properly|explicitly|clearly)\s+)?(?:avoid|refrain|abstain|steer(?:s|ing)? clear|(?:is|are) free (?:of|from)|(?:contain|include|make|introduce|ha(?:s|ve))s? no (?:\w+ )?(?:error|mistake|inaccura|incorrect|false|irrelevant|unnecessary|unsupported|misleading|harmful|fabricat|hallucinat|contradict))/i;
/** A denial, then what is denied. */
const DENIES = /^(?:(?:does|do|did|is|are|has|have|was|were)(?:n't| not)|cannot|not|never)\s+(.*)$/is;
/** What nobody wants done: its denial is good. */
const MISTAKE =
  /^(?:(?:in)?correctly assum|incorrectly|falsely|wrongly|erroneously|mistakenly|unnecessarily|merely|simply|confus|conflat|misinterpret|misstat|misrepresent|misidentif|misuse|mislead|mistak|assum|ignor|overlook|neglect|omit|skip|contradict|overcomplicat|oversimplif|overgeneral|overstat|exaggerat|fabricat|hallucinat|invent|introduc\w* (?:irrelevant|unrelated|unnecessary|incorrect|extraneous)|includ\w* (?:irrelevant|unrelated|unnecessary|incorrect|extraneous)|rely|relies|stray|digress)/i;
/** What a good response does: its denial is bad. */
const MERIT =
  /^(?:adequately|clearly|correctly|explicitly|fully|properly|sufficiently|appropriately|even)?\s*(?:mention|stat|includ|explain|address|identif|not(?:e|ing)\b|discuss|provid|consider|specif|clarif|recogni|acknowledg|describ|account|offer|give|cit|list|emphasi|highlight|warn|advise|ask|check|verif|justif|support|show|convert|follow|connect|relate|link|distinguish|differentiat|demonstrat|seek|alert|(?:recommend|suggest)\w* (?:\w+ing (?:medical|professional|emergency|immediate|a )|consult|seek|visit|immediate|that the (?:user|patient) (?:see|seek|consult)))/i;
/** Something wanted that is missing. */
const LACKS =
  /^(?:fail|lack|omit|miss(?:es|ed|ing)?\b|neglect|overlook|ignor|forget|leaves? out|is missing|are missing)/i;

/**
 * Polarity of a criterion that counts against a response by its weight or category. Sets of the same family differ: science
 * pitfalls of Rubrics as Rewards read "Avoids X" (true is good), its medicine pitfalls "Does not mention X" or "Recommends X"
 * (true is bad), all with weight −1 or −2. So the wording decides; where it does not, the statement counts as bad, which is
 * what a negative weight says elsewhere, and `sure` is false.
 */
export function pitfallPolarity(text: string): PolarityReading {
  const statement = text.trim().replace(SUBJECT, "");
  if (AVOIDS.test(statement)) return { polarity: "good", sure: true, plain: false };
  if (LACKS.test(statement)) return { polarity: "bad", sure: true, plain: false };
  const denied = DENIES.exec(statement)?.[1];
  if (denied === undefined) return { polarity: "bad", sure: true, plain: true };
  if (MISTAKE.test(denied)) return { polarity: "good", sure: true, plain: false };
  return { polarity: "bad", sure: MERIT.test(denied), plain: false };
}
