import { neutralText } from "./neutral-text.ts";

/** A change to a response that leaves what it says as it is. */
export interface Intervention {
  readonly name: string;
  readonly what: string;
  /** The response itself where there is nothing to change. */
  apply(response: string): string;
}

/** Of a response that a scorer should not go by. */
export interface SurfaceFeature {
  readonly name: string;
  /** Plural, for tables: "characters". */
  readonly unit: string;
  count(response: string): number;
}

const LEAST_PADDING = 200;

/** Neutral sentences behind the response: a few of them, and as many again as it has itself. */
export const PADDINGS: readonly Intervention[] = [
  {
    name: "padded by 200",
    what: "at least 200 characters of neutral text behind the response",
    apply: (response) => padded(response, LEAST_PADDING),
  },
  {
    name: "doubled",
    what: "neutral text as long as the response behind it",
    apply: (response) => padded(response, Math.max(LEAST_PADDING, response.length)),
  },
];

const padded = (response: string, characters: number): string =>
  `${response.trimEnd()}\n\n${neutralText(characters)}`;

/** Markdown laid over prose, sentence by sentence, and taken off it. Code blocks, tables and lines with marks stay. */
export const RESTYLINGS: readonly Intervention[] = [
  { name: "list", what: "every sentence an item of a list", apply: (text) => restyled(text, asItems) },
  { name: "bold", what: "the first words of every sentence bold", apply: (text) => restyled(text, asBold) },
  { name: "headings", what: "a heading before every paragraph", apply: withHeadings },
  {
    name: "list, bold and headings",
    what: "all three",
    apply: (text) => withHeadings(restyled(restyled(text, asBold), asItems)),
  },
  { name: "plain", what: "marks of headings, lists and bold removed", apply: withoutMarks },
];

/** Characters, as a reader of a page sees them. */
export const LENGTH: SurfaceFeature = {
  name: "length",
  unit: "characters",
  count: (response) => Array.from(response).length,
};

/** Headings, items of lists and bold stretches. */
export const MARKS: SurfaceFeature = {
  name: "style",
  unit: "marks of headings, lists and bold",
  count: (response) =>
    (response.match(/^\s{0,3}(?:#{1,6}\s|[-*+]\s|\d+[.)]\s)/gm) ?? []).length +
    (response.match(/\*\*[^*\n]+\*\*|__[^_\n]+__/g) ?? []).length,
};

const MARKED = /^\s*(?:#{1,6}\s|[-*+]\s|[>|]|\d+[.)]\s|```|~~~)/;
const HEADINGS = ["Overview", "Details", "Further points", "In short"] as const;

/** Applies a change to every line of prose outside code blocks. */
function restyled(text: string, change: (sentences: readonly string[]) => string): string {
  let code = false;
  return text
    .split("\n")
    .map((line) => {
      if (/^\s*(?:```|~~~)/.test(line)) code = !code;
      return code || MARKED.test(line) || line.trim() === "" ? line : change(sentencesOf(line));
    })
    .join("\n");
}

function sentencesOf(line: string): readonly string[] {
  return line.trim().split(/(?<=[.!?](?:\*\*)?)\s+(?=\S)/);
}

const asItems = (sentences: readonly string[]): string =>
  sentences.map((sentence) => `- ${sentence}`).join("\n");

function asBold(sentences: readonly string[]): string {
  return sentences
    .map((sentence) => {
      if (sentence.includes("**")) return sentence;
      const words = sentence.split(" ");
      return [`**${words.slice(0, 3).join(" ")}**`, ...words.slice(3)].join(" ");
    })
    .join(" ");
}

function withHeadings(text: string): string {
  if (text.trim() === "" || /^#{1,6}\s/m.test(text)) return text;
  let [place, code] = [0, false];
  return text
    .split(/\n{2,}/)
    .map((paragraph) => {
      const fences = paragraph.match(/^\s*(?:```|~~~)/gm)?.length ?? 0;
      const inside = code;
      if (fences % 2 === 1) code = !code;
      if (inside) return paragraph;
      const heading = HEADINGS[Math.min(place++, HEADINGS.length - 1)]!;
      return `## ${heading}\n\n${paragraph}`;
    })
    .join("\n\n");
}

function withoutMarks(text: string): string {
  let code = false;
  return text
    .split("\n")
    .map((line) => {
      if (/^\s*(?:```|~~~)/.test(line)) code = !code;
      if (code) return line;
      return line
        .replace(/^(\s*)(?:#{1,6}\s+|[-*+]\s+|\d+[.)]\s+)/, "$1")
        .replace(
          /\*\*([^*\n]+)\*\*|__([^_\n]+)__/g,
          (_, bold?: string, other?: string) => bold ?? other ?? "",
        );
    })
    .join("\n");
}
