import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPaperTranscript } from "./paper-format.ts";

const short = `--- Compliance Check ---
Identified Gatekeeper Criterion: Criterion 1, at most two paragraphs.

--- Analysis ---
**Response A:**
- Criterion 1 [Hard Rule]: Justification: It has two paragraphs.
- Criterion 2 [Principle]: Justification: Each step is explained.

**Response B:**
- Criterion 1 [Hard Rule]: Justification: It has five paragraphs.
- Criterion 2 [Principle]: Justification: The second step comes
  without a word of reason.

--- Final Judgment ---
Justification: Only the first response keeps the length.
Winner: Response A`;

const long = short
  .replace("paragraphs.\n\n---", "paragraphs.\nGatekeeper Reasoning: It can be counted.\n\n---")
  .replace("Justification: Only", "Aggregation Summary: A keeps both, B neither.\nJustification: Only");

describe("readPaperTranscript", () => {
  it.each([
    ["the short form", short],
    ["the long form", long],
    ["gatekeeper reasoning alone", long.replace(/Aggregation.*\n/, "")],
    ["an aggregation summary alone", long.replace(/Gatekeeper Reasoning.*\n/, "")],
    ["CRLF", short.replaceAll("\n", "\r\n")],
    ["white space around", `\n\n${short.replaceAll("\n", "  \n")}\n\n`],
    ["bold headers", short.replace(/^(---.*---)$/gm, "**$1**")],
    ["bold labels, but for the winner", short.replace(/^(Identified[^:]*:|Justification:)/gm, "**$1**")],
    ["plain response headings", short.replaceAll("**", "")],
    [
      "asterisks for bullets and bold criteria",
      short.replace(/^- (Criterion \d \[[^\]]*\]):/gm, "* **$1:**"),
    ],
    ["criteria without tags", short.replace(/ \[(Hard Rule|Principle)\]/g, "")],
    ["justifications on their own lines", short.replaceAll("]: Justification:", "]:\n  - Justification:")],
    ["British spelling", short.replace("Judgment", "Judgement")],
    ["other case", short.replace("Winner: Response A", "winner: response a")],
    ["a value on the next line", short.replace("Winner: ", "Winner:\n")],
  ])("accepts %s", (_, text) => {
    expect(readPaperTranscript(text, 2)).toEqual({ winner: "A", formatOk: true });
  });

  it("reads the second response as winner", () => {
    expect(readPaperTranscript(short.replace(/A$/, "B"), 2)).toEqual({ winner: "B", formatOk: true });
  });

  it("takes any criteria where their number is unknown", () => {
    expect(readPaperTranscript(short, 0)).toEqual({ winner: "A", formatOk: true });
    expect(readPaperTranscript(short.replace(/^- Criterion.*\n/gm, ""), 0).formatFault).toBe(
      "empty-response: A",
    );
  });

  const swapSections = (text: string) => {
    const [compliance, analysis, final] = text.split(/^(?=---)/m);
    return `${analysis}${compliance}${final}`;
  };

  it.each([
    ["missing-section: Compliance Check", null, ""],
    ["missing-section: Compliance Check", null, "I think that the first one is better."],
    ["missing-section: Compliance Check", "A", "Winner: Response A"],
    ["missing-section: Compliance Check", "A", short.replace("--- Compliance Check ---\n", "")],
    ["missing-section: Compliance Check", "A", short.replace("--- Compliance", "Compliance")],
    ["missing-section: Analysis", "A", short.replace("--- Analysis ---", "--- Analyses ---")],
    ["missing-section: Final Judgment", "A", short.replace("--- Final Judgment ---\n", "")],
    ["missing-section: Final Judgment", null, short.slice(0, short.indexOf("--- Final"))],
    ["missing-section: Final Judgment", null, short.slice(0, 200)],
    ["repeated-section: Compliance Check", null, `${short}\n${short}`],
    ["repeated-section: Analysis", "A", short.replace("--- Final", "--- Analysis ---\nmore\n--- Final")],
    ["section-order: Compliance Check stands after Analysis", "A", swapSections(short)],
    ["empty-section: Compliance Check", "A", short.replace(/Identified.*\n/, "")],
    ["stray-text: before section Compliance Check", "A", `Let me think.\n${short}`],
    ["stray-text: before section Compliance Check", "A", `<think>\nWinner?\n</think>\n${short}`],
    [
      "missing-label: Identified Gatekeeper Criterion",
      "A",
      short.replace("Identified Gatekeeper Criterion:", "Gate:"),
    ],
    ["empty-label: Identified Gatekeeper Criterion", "A", short.replace(/(Criterion:) .*/, "$1")],
    ["empty-label: Gatekeeper Reasoning", "A", long.replace(/(Reasoning:) .*/, "$1")],
    [
      "label-order: Identified Gatekeeper Criterion stands after Gatekeeper Reasoning",
      "A",
      long.replace(/(Identified.*)\n(Gatekeeper.*)/, "$2\n$1"),
    ],
    ["missing-response: A", "A", short.replace("**Response A:**\n", "")],
    ["missing-response: B", "A", short.replace("**Response B:**", "")],
    ["missing-response: B", "A", short.replace("**Response B:**", "**Response C:**")],
    ["repeated-response: A", "A", short.replace("**Response B:**", "**Response A:**\nx\n**Response B:**")],
    [
      "response-order: A stands after B",
      "A",
      short
        .replace("**Response A:**", "**X**")
        .replace("Response B:", "Response A:")
        .replace("**X**", "**Response B:**"),
    ],
    ["empty-response: A", "A", short.replace(/(Response A:\*\*\n)(?:- .*\n)+/, "$1")],
    ["missing-criterion: 2 of response A", "A", short.replace(/- Criterion 2.*\n/, "")],
    ["missing-criterion: 1 of response B", "A", short.replace(/(Response B:\*\*\n)- Criterion 1.*\n/, "$1")],
    ["repeated-criterion: 1 of response A", "A", short.replace(/(- Criterion 1.*\n)/, "$1$1")],
    ["unknown-criterion: 3 of response A", "A", short.replace(/(- Criterion )2(.*\n)/, "$12$2$13$2")],
    [
      "criterion-order: 1 stands after 2 of response A",
      "A",
      short.replace(/(- Criterion 1.*\n)(- Criterion 2.*\n)/, "$2$1"),
    ],
    [
      "stray-text: before criterion 1 of response A",
      "A",
      short.replace("A:**\n", "A:**\nThis one is good.\n"),
    ],
    [
      "missing-justification: criterion 2 of response A",
      "A",
      short.replace("Justification: Each step", "Each step"),
    ],
    ["missing-justification: criterion 1 of response A", "A", short.replace("It has two paragraphs.", "")],
    ["empty-criterion: 1 of response A", "A", short.replace("Justification: It has two paragraphs.", "")],
    ["missing-label: Justification", "A", short.replace(/^Justification.*\n/m, "")],
    ["empty-label: Justification", "A", short.replace(/^Justification: .*/m, "Justification:")],
    ["repeated-label: Justification", "A", short.replace(/^(Justification.*\n)/m, "$1$1")],
    [
      "label-order: Justification stands after Winner",
      "A",
      short.replace(/(Justification: Only.*)\n(Winner.*)/, "$2\n$1"),
    ],
    [
      "label-order: Aggregation Summary stands after Justification",
      "A",
      long.replace(/(Aggregation.*)\n(Justification.*)/, "$2\n$1"),
    ],
    [
      "stray-text: before label Justification",
      "A",
      short.replace("Justification: Only", "Well.\nJustification: Only"),
    ],
    ["missing-label: Winner", null, short.replace(/\nWinner.*/, "")],
    ["empty-label: Winner", null, short.replace("Winner: Response A", "Winner:")],
    ["repeated-label: Winner", null, `${short}\nWinner: Response A`],
    [
      "several-winners: 2 lines start with Winner:",
      null,
      short.replace("It has two", "\nWinner: Response A\nIt has two"),
    ],
    [
      "no-winner: no line starts with Winner:",
      null,
      short.replace("Winner: Response A", "**Winner:** Response A"),
    ],
    ['unknown-winner: "Response C" is not Response A or Response B', null, short.replace(/A$/, "C")],
    ['unknown-winner: "A" is not Response A or Response B', null, short.replace(/Response A$/, "A")],
    ['unknown-winner: "tie" is not Response A or Response B', null, short.replace(/Response A$/, "tie")],
    ['unknown-winner: "Response A, by far" is not Response A or Response B', null, `${short}, by far`],
    [
      'unknown-winner: "<Response A / Response B>" is not Response A or Response B',
      null,
      short.replace(/Response A$/, "<Response A / Response B>"),
    ],
    ["stray-text: after the Winner line", "A", `${short}\n\nI hope this helps.`],
  ])("finds %s (winner %s)", (formatFault, winner, text) => {
    expect(readPaperTranscript(text, 2)).toEqual({ winner, formatOk: false, formatFault });
  });

  it("never throws, and names a fault whenever the form is not kept", () => {
    const lines = short.split("\n");
    const soup = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.array(fc.oneof(fc.constantFrom(...lines), fc.string())).map((some) => some.join("\n")),
      fc.subarray(lines).map((some) => some.join("\n")),
    );
    fc.assert(
      fc.property(soup, fc.nat(4), (text, criteria) => {
        const judgement = readPaperTranscript(text, criteria);
        if (judgement.formatOk) expect(judgement.winner).not.toBeNull();
        else expect(judgement.formatFault).toMatch(/^[a-z-]+: ./);
      }),
      { numRuns: 500 },
    );
  });

  it("takes no dropped line for a kept form", () => {
    const needed = short.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("  "));
    needed.forEach((_, dropped) => {
      const text = needed.filter((_, i) => i !== dropped).join("\n");
      expect(readPaperTranscript(text, 2).formatOk).toBe(false);
    });
  });

  it("stays fast on long lines of white space and marks", () => {
    const started = performance.now();
    for (const piece of ["\n", " ", "*", "- ", "\t#", "Winner:\n"])
      readPaperTranscript(piece.repeat(8000), 3);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
