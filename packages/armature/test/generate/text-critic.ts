import type { CompletionRequest } from "../../src/llm/language-model.ts";
import { ScriptedModel } from "../../src/llm/scripted-model.ts";

/** Something that a program can tell of a text, and how a criterion says it. */
interface Feature {
  readonly statement: string;
  holds(text: string): boolean;
}

const wordsOf = (text: string): readonly string[] =>
  text.toLowerCase().match(/\p{L}[\p{L}\p{N}'’-]*/gu) ?? [];

const matches = (statement: string, pattern: RegExp, least = 1): Feature => ({
  statement,
  holds: (text) => (text.match(pattern) ?? []).length >= least,
});

const FEATURES: readonly Feature[] = [
  matches("sets out its points as a list", /^\s*(?:[-*•]|\d+[.)])\s/gm, 3),
  matches("has several paragraphs", /\n\s*\n/g, 2),
  matches("is divided under headings", /^(?:#+\s|\*\*[^*\n]+\*\*:?\s*$)/gm, 2),
  matches("gives an example", /\b(?:for example|for instance|such as|e\.g\.)/gi),
  matches("gives reasons", /\b(?:because|since|therefore|due to|so that|as a result)\b/gi),
  matches("states figures", /\d/g, 2),
  matches("names limits or exceptions", /\b(?:however|but|although|except|unless|depending)\b/gi),
  matches("says what to do in order", /\b(?:first|then|next|finally|step)\b/gi, 2),
  matches("speaks to the reader", /\byou(?:r|'re)?\b/gi),
  matches("shows code", /```/g),
  ...[40, 80, 160, 320].map(
    (count): Feature => ({
      statement: `has at least ${count} words`,
      holds: (text) => wordsOf(text).length >= count,
    }),
  ),
  { statement: "stays within 400 words", holds: (text) => wordsOf(text).length <= 400 },
];

/** A criterion that asks for a word of the prompt. */
const mention = (word: string): Feature => ({
  statement: `mentions "${word}"`,
  holds: (text) => wordsOf(text).includes(word),
});

function featureOf(statement: string): Feature | undefined {
  const word = /mentions "([^"]+)"/.exec(statement)?.[1];
  return word === undefined
    ? FEATURES.find((feature) => statement.includes(feature.statement))
    : mention(word);
}

const EVERYDAY = new Set(
  "about after also answer because before being between could does each every explain from give have here into like list make many more most much need other over please some should that their them then there these they this tell those through want what when where which while will with without would write your".split(
    " ",
  ),
);

/** The longest words of a prompt that are not everyday ones. */
function topicWords(prompt: string, count: number): readonly string[] {
  const words = [...new Set(wordsOf(prompt))].filter((word) => word.length > 3 && !EVERYDAY.has(word));
  return words.toSorted((a, b) => b.length - a.length || a.localeCompare(b)).slice(0, count);
}

/** The fenced texts that follow a label, one after the other. */
function sections(question: string, label: string): readonly string[] {
  const at = question.indexOf(`\n${label}\n`);
  const texts: string[] = [];
  let rest = at < 0 ? "" : question.slice(at + label.length + 2);
  for (;;) {
    const [, fence, inside] = /^\s*(`{3,})\n([\s\S]*)$/.exec(rest) ?? [];
    if (fence === undefined) return texts;
    const end = inside!.indexOf(`\n${fence}`);
    texts.push(inside!.slice(0, end));
    rest = inside!.slice(end + fence.length + 1);
  }
}

const section = (question: string, label: string): string => sections(question, label)[0] ?? "";

/** Features that tell two texts apart, those of the first before those of the second. */
function differences(first: string, second: string): readonly Feature[] {
  const only = (a: string, b: string) => FEATURES.filter(({ holds }) => holds(a) && !holds(b));
  return [...only(first, second), ...only(second, first)];
}

interface Weighted {
  readonly criterion: string;
  readonly weight: number;
}

const asJson = (criteria: readonly Weighted[]): string => JSON.stringify({ criteria }, null, 2);
const said = ({ statement }: Feature): string => `The response ${statement}.`;

function initialRubric(prompt: string): string {
  const topic = topicWords(prompt, 3).map((word) => ({ criterion: said(mention(word)), weight: 3 }));
  const general = FEATURES.slice(3, 5).map((feature) => ({ criterion: said(feature), weight: 2 }));
  return asJson([...topic, ...general]);
}

/** Keeps what tells the two apart or what one of them misses, and adds what else differs. */
function improvedRubric(question: string): string {
  const [first, second] = [section(question, "Response 1:"), section(question, "Response 2:")];
  const { criteria } = JSON.parse(section(question, "The rubric now:")) as { criteria: readonly Weighted[] };
  const kept = criteria.filter(({ criterion }) => {
    const feature = featureOf(criterion);
    return feature !== undefined && !(feature.holds(first) && feature.holds(second));
  });
  const added = differences(first, second)
    .map((feature) => ({ criterion: said(feature), weight: 2 }))
    .filter(({ criterion }) => !criteria.some((old) => old.criterion === criterion))
    .slice(0, 3);
  const all = [...kept, ...added];
  return asJson(all.length > 0 ? all : criteria);
}

function taggedRubric(better: string, worse: string): string {
  const only = FEATURES.filter(({ holds }) => holds(better) && !holds(worse)).slice(0, 4);
  const shared = FEATURES.filter(({ holds }) => holds(better) && holds(worse)).slice(0, 1);
  const lines = [...only, ...shared].map((feature, i) => `${i + 1}. ${said(feature)} [Principle]`);
  return lines.length > 0 ? lines.join("\n") : `1. ${said(FEATURES.at(-1)!)} [Hard Rule]`;
}

function rarItems(prompt: string): string {
  const item = (category: string, weight: number, feature: Feature) => ({
    ...{ title: category, category, description: said(feature), weight, whenTrue: "good" },
  });
  const topic = topicWords(prompt, 3).map((word) => item("essential", 5, mention(word)));
  const others = FEATURES.slice(0, 6).map((feature) => item("important", 3, feature));
  const pitfall = {
    ...{ title: "padding", category: "pitfall", weight: -1, whenTrue: "bad" },
    description: "The response claims things that the question does not ask for.",
  };
  return JSON.stringify({ criteria: [...topic, ...others, pitfall] });
}

function verdicts(question: string): string {
  const response = section(question, "The response:");
  const criteria = question.slice(question.lastIndexOf("The criteria:"));
  const lines = [...criteria.matchAll(/^- (\S+): (.*)$/gm)];
  const answers = lines.map(([, id, text]) => [id, featureOf(text!)?.holds(response) ? "yes" : "no"]);
  return JSON.stringify(Object.fromEntries(answers));
}

function transcript(question: string): string {
  const sides = ["A", "B"].map((side) => ({ side, text: section(question, `Response ${side}:`) }));
  const lines = section(question, "The rubric:").split("\n");
  const [a, b] = sides.map(({ text }) => lines.filter((line) => featureOf(line)?.holds(text)).length);
  const analysis = sides.flatMap(({ side, text }) => [
    `**Response ${side}:**`,
    ...lines.map((line, i) => {
      const [, tag = "Principle"] = /\[([^\]]+)\]$/.exec(line) ?? [];
      const found = featureOf(line)?.holds(text) ? "it holds" : "it does not hold";
      return `- Criterion ${i + 1} [${tag}]: Justification: ${found}`;
    }),
  ]);
  return [
    "--- Compliance Check ---",
    "Identified Gatekeeper Criterion: none",
    "--- Analysis ---",
    ...analysis,
    "--- Final Judgment ---",
    `Justification: A meets ${a}, B meets ${b}`,
    `Winner: Response ${a! >= b! ? "A" : "B"}`,
  ].join("\n");
}

/**
 * A reader by program where a strong model would stand: it reads the prompts and responses that it is shown, writes criteria
 * about what a program can tell of them, and judges by the same features. Every branch of rubric generation can be run with it.
 */
export function textCriticAnswer(question: string): string {
  const prompt = section(question, "The prompt:");
  if (question.includes("\nThe criteria:\n")) return verdicts(question);
  if (question.includes("\nThe rubric now:\n")) return improvedRubric(question);
  if (question.includes("\nResponse A:\n")) return transcript(question);
  if (question.includes("\nThe preferred answer:\n"))
    return taggedRubric(section(question, "The preferred answer:"), section(question, "The other answer:"));
  const listed = sections(question, "The answers, best first:");
  if (listed.length > 0) return taggedRubric(listed[0]!, listed.at(-1)!);
  if (question.includes('"whenTrue"')) return rarItems(section(question, "The question:"));
  if (prompt !== "") return initialRubric(prompt);
  return `An answer to: ${question}`;
}

/** The critic as a language model of this process. */
export function textCritic(): ScriptedModel {
  return new ScriptedModel(
    (request: CompletionRequest) => textCriticAnswer(request.messages.at(-1)!.content),
    "text-critic",
  );
}
