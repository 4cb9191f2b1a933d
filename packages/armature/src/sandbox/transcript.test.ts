import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PRINCIPLE_NAMES, RULE_NAMES } from "./lexicon.ts";
import { gatekeeperOf, MOST_LINES } from "./rubric-language.ts";
import { readTranscript, type Transcript, writeTranscript } from "./transcript.ts";

const transcripts: fc.Arbitrary<Transcript> = fc
  .uniqueArray(fc.constantFrom(...RULE_NAMES, ...PRINCIPLE_NAMES), { minLength: 1, maxLength: MOST_LINES })
  .chain((criteria) => {
    const side = fc.array(fc.boolean(), { minLength: criteria.length, maxLength: criteria.length });
    return fc.record({
      criteria: fc.constant(criteria),
      gatekeeper: fc.constant(gatekeeperOf(criteria)),
      verdicts: fc.record({ A: side, B: side }),
      winner: fc.constantFrom("A" as const, "B" as const),
    });
  });

const example: Transcript = {
  criteria: ["time", "warm"],
  gatekeeper: 0,
  verdicts: { A: [true, false], B: [false, true] },
  winner: "A",
};
const exampleText =
  "[compliance] gatekeeper: 1. [analysis] a: 1. time yes 2. warm no b: 1. time no 2. warm yes [final] 1. yes no total 1 1 winner: A";

describe("transcripts", () => {
  it("have the three sections in the order of the paper", () => {
    expect(writeTranscript(example)).toBe(exampleText);
    expect(writeTranscript({ ...example, criteria: ["clear", "warm"], gatekeeper: null })).toBe(
      "[compliance] gatekeeper: none [analysis] a: 1. clear yes 2. warm no b: 1. clear no 2. warm yes [final] none total 1 1 winner: A",
    );
  });

  it("are read back as they were written", () => {
    fc.assert(
      fc.property(transcripts, (transcript) => {
        expect(readTranscript(writeTranscript(transcript), transcript.criteria)).toEqual({
          winner: transcript.winner,
          formatOk: true,
          verdicts: transcript.verdicts,
        });
      }),
    );
  });

  it("lose their form, but not their winner, with any word of the analysis", () => {
    fc.assert(
      fc.property(transcripts, fc.nat(), (transcript, place) => {
        const words = writeTranscript(transcript).split(" ");
        words.splice(place % (words.length - 2), 1);
        const { winner, formatOk, formatFault, verdicts } = readTranscript(
          words.join(" "),
          transcript.criteria,
        );
        expect({ winner, formatOk, verdicts }).toEqual({
          winner: transcript.winner,
          formatOk: false,
          verdicts: undefined,
        });
        expect(formatFault).toMatch(/^(word \d+: expected .+, found .+|no gatekeeper: .+)$/);
      }),
    );
  });

  it.each([
    ["", null, 'no gatekeeper: ""'],
    [
      exampleText.replace("gatekeeper: 1.", "gatekeeper: 5."),
      "A",
      'no gatekeeper: "[compliance] gatekeeper: 5."',
    ],
    [exampleText.replace("winner: A", "winner: C"), null, "word 27: expected A or B, found C"],
    [exampleText.replace("winner: A", ""), null, "word 26: expected winner:, found the end"],
    [`${exampleText} A`, "A", "word 28: expected the end, found A"],
    [`${exampleText} winner: B`, null, "word 28: expected the end, found winner:"],
    [exampleText.replace("2. warm yes", "2. formal yes"), "A", "word 17: expected warm, found formal"],
    [
      exampleText.replace("total 1 1", "total 1 9"),
      "A",
      "word 25: expected 0 or 1 or 2 or 3 or 4 or 5, found 9",
    ],
    [exampleText.replace("[final] 1. yes no", "[final] none"), "A", "word 20: expected 1., found none"],
  ])("'%s' is read as winner %s with a fault", (text, winner, formatFault) => {
    expect(readTranscript(text, example.criteria)).toEqual({ winner, formatOk: false, formatFault });
  });

  it("never throw on arbitrary text", () => {
    const word = fc.constantFrom(...exampleText.split(" "), "none", "<pad>", "B");
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join(" ")),
        ),
        (text) => {
          expect(["A", "B", null]).toContain(readTranscript(text, example.criteria).winner);
        },
      ),
    );
  });
});
