import { countOf, type InstructionTypes, plain, wordOf } from "../instruction-type.ts";
import { literal } from "../text/characters.ts";

/** IFEval's `detectable_content` and `detectable_format`. */
export const DETECTABLE: InstructionTypes = {
  "detectable_content:number_placeholders": (args) => {
    const least = countOf(args, "num_placeholders");
    return (response) => placeholders(response) >= least;
  },
  "detectable_content:postscript": (args) => {
    const marker = wordOf(args, "postscript_marker");
    const pattern = POSTSCRIPTS[marker] ?? new RegExp(literal(marker), "i");
    return (response) => pattern.test(response);
  },
  "detectable_format:number_bullet_lists": (args) => {
    const wanted = countOf(args, "num_bullets");
    return (response) => bullets(response) === wanted;
  },
  "detectable_format:number_highlighted_sections": (args) => {
    const least = countOf(args, "num_highlights");
    return (response) => highlights(response) >= least;
  },
  "detectable_format:multiple_sections": (args) => {
    const least = countOf(args, "num_sections");
    const mark = new RegExp(`${literal(wordOf(args, "section_spliter"))}\\s?\\d+`, "g");
    return (response) => (response.match(mark)?.length ?? 0) >= least;
  },
  "detectable_format:constrained_response": plain((response) =>
    ["My answer is yes.", "My answer is no.", "My answer is maybe."].some((one) => response.includes(one)),
  ),
  "detectable_format:json_format": plain((response) => isJson(response)),
  "detectable_format:title": plain((response) => response.split("\n").some(hasTitle)),
};

const POSTSCRIPTS: Readonly<Record<string, RegExp>> = {
  "P.S.": /p\.\s?s\./i,
  "P.P.S": /p\.\s?p\.\s?s/i,
};

/** `[…]` within a line. Searched for by hand: a pattern takes quadratic time on brackets that nobody closes. */
function placeholders(response: string): number {
  let count = 0;
  for (const line of response.split("\n")) {
    for (let open = line.indexOf("["); open >= 0; ) {
      const close = line.indexOf("]", open);
      if (close < 0) break;
      count++;
      open = line.indexOf("[", close);
    }
  }
  return count;
}

/** From the first `<<` to the last `>>` of a line, if more than brackets and white space stands between. */
function hasTitle(line: string): boolean {
  const [open, close] = [line.indexOf("<<"), line.lastIndexOf(">>")];
  if (open < 0 || close < open + 3) return false;
  let [start, end] = [open, close + 2];
  while (line[start] === "<") start++;
  while (end > start && line[end - 1] === ">") end--;
  return line.slice(start, end).trim() !== "";
}

/** Lines that begin with `*` or `-`; `**bold**` at the start of a line is none. */
function bullets(response: string): number {
  const stars = response.match(/^[^\S\n]*\*[^*].*$/gm)?.length ?? 0;
  return stars + (response.match(/^[^\S\n]*-.*$/gm)?.length ?? 0);
}

/** `*one*` and `**two**`. The published checker finds `**two**` in both ways only where its first half is not blank. */
function highlights(response: string): number {
  const single = response.match(/\*[^\n*]*\*/g) ?? [];
  const double = response.match(/\*\*[^\n*]*\*\*/g) ?? [];
  return [...single, ...double].filter((one) => /[^*\s]/.test(one)).length;
}

function isJson(response: string): boolean {
  const text = response
    .trim()
    .replace(/^```(?:json|Json|JSON)?/, "")
    .replace(/```$/, "")
    .trim();
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
