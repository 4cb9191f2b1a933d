/** A letter that was read, or why there is none. */
export type BoxedAnswer =
  | { readonly status: "read"; readonly letter: string }
  | { readonly status: "unreadable"; readonly reason: UnreadableAnswer };

/** `empty`: a blank response. `cut-off`: it stops at the length limit before its box. `no-box`: there is none. `no-option`: the box holds no option. */
export type UnreadableAnswer = "empty" | "cut-off" | "no-box" | "no-option";

/**
 * The answer to a multiple-choice question from the last `\boxed{…}` of a response, as GPQA is graded by Rubrics as Rewards:
 * a letter of an option, bare or as `(B)`, `B.`, `\text{B}` or `B) words`, or the words of exactly one option. `options` stand
 * in the order shown, A first.
 */
export function readBoxedAnswer(response: string, options: readonly string[], cutOff = false): BoxedAnswer {
  if (response.trim() === "") return { status: "unreadable", reason: "empty" };
  const content = lastBox(response);
  if (content === null) return { status: "unreadable", reason: cutOff ? "cut-off" : "no-box" };
  const text = plainText(content);
  const letters = options.map((_, i) => letterOf(i));
  const [, letter] = /^\(?([A-Za-z])(?:[).:]+(?:\s.*)?|\s*)$/s.exec(text) ?? [];
  if (letter !== undefined && letters.includes(letter.toUpperCase()))
    return { status: "read", letter: letter.toUpperCase() };
  const named = letters.filter((_, i) => sameWords(plainText(options[i]!), text));
  return named.length === 1
    ? { status: "read", letter: named[0]! }
    : { status: "unreadable", reason: "no-option" };
}

/** A for 0. */
export function letterOf(place: number): string {
  return String.fromCharCode(65 + place);
}

/** What stands in the last box that is closed; braces inside it belong to it. */
function lastBox(response: string): string | null {
  for (let start = response.lastIndexOf("\\boxed{"); start >= 0; ) {
    let depth = 0;
    for (let i = start + "\\boxed".length; i < response.length; i++) {
      if (response[i] === "{") depth++;
      else if (response[i] === "}" && --depth === 0) return response.slice(start + "\\boxed{".length, i);
    }
    start = start === 0 ? -1 : response.lastIndexOf("\\boxed{", start - 1);
  }
  return null;
}

/** Without the commands that set text in a formula, and without dollars and bold around it. */
function plainText(content: string): string {
  return content
    .replace(/\\(?:text|textbf|mathrm|mathbf|rm|bf)\s*\{([^{}]*)\}/g, "$1")
    .replace(/^[\s$*]+|[\s$*]+$/g, "");
}

function sameWords(a: string, b: string): boolean {
  const bare = (text: string) => text.toLowerCase().replace(/\s+/g, " ").replace(/\.$/, "").trim();
  return bare(a) === bare(b);
}
