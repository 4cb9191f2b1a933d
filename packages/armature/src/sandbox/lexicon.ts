/**
 * The words of the sandbox: who is written to, about what, what a request may demand and what a note may say. Every phrase
 * has a word that stands in no other phrase, so that a small model can tell them apart.
 */

export const RECIPIENTS = [
  "boss",
  "customer",
  "neighbor",
  "coach",
  "child",
  "friend",
  "grandmother",
  "teacher",
] as const;
export type Recipient = (typeof RECIPIENTS)[number];

/** A topic as requests name it, with the sentence that opens every note about it. */
export const TOPICS = {
  "broken lamp": "the lamp is broken",
  "late train": "the train is late",
  "new garden": "the garden is new",
  "lost cat": "the cat is lost",
  "old bridge": "the bridge is old",
  "cold room": "the room is cold",
  "wet roof": "the roof is wet",
  "big game": "the game is big",
} as const;
export type Topic = keyof typeof TOPICS;

/** What a request may demand to be present or absent, with the phrases that show it. */
export const ELEMENTS = {
  greeting: ["hello ,", "good morning ,"],
  question: ["can you come ?", "is that fine ?"],
  time: ["at nine", "on monday"],
  place: ["in the hall", "near the gate"],
  money: ["it costs ten", "the price rose"],
} as const;
export type Element = keyof typeof ELEMENTS;

/** Qualities that a note may show, with the phrases that show them. */
export const ATTRIBUTES = {
  formal: ["hereby stated", "sincerely yours"],
  honest: ["to be frank", "i admit it"],
  polite: ["if you please", "kindly reply"],
  practical: ["here is a plan", "follow these steps"],
  hopeful: ["i hope so", "brighter days ahead"],
  playful: ["giggle with me", "let us tickle"],
  warm: ["sent with love", "a long hug"],
  grateful: ["many thanks", "we owe you"],
} as const;
export type Attribute = keyof typeof ATTRIBUTES;

/** Principles that hold for every note: criteria that tell nothing. */
export const GENERIC = ["clear", "helpful"] as const;

export type Principle = Attribute | (typeof GENERIC)[number];

/** An explicit demand: the element it is about, whether that must be present, and how each text says it. */
interface RuleWords {
  readonly element: Element;
  readonly present: boolean;
  /** In a request, after the topic. */
  readonly demand: string;
  /** As a criterion of a rubric. */
  readonly line: string;
  /** In a judge's analysis, before the verdict. */
  readonly label: string;
}

export type Rule = "greeting" | "question" | "time" | "place" | "no-money";

export const RULES: Readonly<Record<Rule, RuleWords>> = {
  greeting: {
    element: "greeting",
    present: true,
    demand: "start with a greeting",
    line: "starts with a greeting",
    label: "greeting",
  },
  question: {
    element: "question",
    present: true,
    demand: "end with a question",
    line: "ends with a question",
    label: "question",
  },
  time: { element: "time", present: true, demand: "give a time", line: "gives a time", label: "time" },
  place: { element: "place", present: true, demand: "name a place", line: "names a place", label: "place" },
  "no-money": {
    element: "money",
    present: false,
    demand: "do not mention money",
    line: "avoids money",
    label: "avoids money",
  },
};

/** Whatever a rubric of this world can ask about. */
export type CriterionName = Rule | Principle;

export const TOPIC_NAMES = Object.keys(TOPICS) as readonly Topic[];
export const ATTRIBUTE_NAMES = Object.keys(ATTRIBUTES) as readonly Attribute[];
export const RULE_NAMES = Object.keys(RULES) as readonly Rule[];
export const PRINCIPLE_NAMES: readonly Principle[] = [...ATTRIBUTE_NAMES, ...GENERIC];

export function isRule(name: CriterionName): name is Rule {
  return name in RULES;
}
