import { SeededStream } from "@armature/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Prompt } from "../data/prompt.ts";
import { readPaperTranscript } from "../judge/paper-format.ts";
import type { ArmRubric } from "../rubric/arm-rubric.ts";
import { countedLead, teacherJudgement } from "./judge-teacher.ts";
import { teacherRubric } from "./rubric-teacher.ts";

const prompt: Prompt = {
  id: "p",
  messages: [{ role: "user", content: "Explain rainfall in at most 8 words." }],
};
const rubric: ArmRubric = {
  criteria: [
    { text: "The response stays with the subject of the request.", kind: "principle" },
    { text: "The response has at most 8 words.", kind: "hard-rule" },
    { text: "The response is kind to its reader.", kind: "principle" },
  ],
};
const short = "Rainfall is water from clouds.";
const long = "Well, that is a thing which a great many people have asked before you.";

describe("teacherJudgement", () => {
  it("names the first hard rule as gatekeeper, counts for each criterion and states the label", () => {
    expect(
      teacherJudgement({ prompt, responseA: short, responseB: long, rubric, preferred: "A" }),
    ).toBe(`--- Compliance Check ---
Identified Gatekeeper Criterion: Criterion 2

--- Analysis ---
**Response A:**
- Criterion 1 [Principle]: Justification: uses 1 of 1 keyword, met.
- Criterion 2 [Hard Rule]: Justification: 5 words, met.
- Criterion 3 [Principle]: Justification: uses 1 of 1 keyword, met.
**Response B:**
- Criterion 1 [Principle]: Justification: uses 0 of 1 keyword, missed.
- Criterion 2 [Hard Rule]: Justification: 14 words, missed.
- Criterion 3 [Principle]: Justification: uses 0 of 1 keyword, missed.

--- Final Judgment ---
Justification: Response A meets 3 of 3, Response B meets 0.
Winner: Response A`);
  });

  const final = (responseA: string, responseB: string, preferred: "A" | "B", criteria = rubric.criteria) =>
    teacherJudgement({ prompt, responseA, responseB, rubric: { criteria }, preferred }).split(
      "Judgment ---\n",
    )[1];

  it("says where label and counts part", () => {
    expect(final(short, long, "B")).toBe(
      "Justification: Response A meets 3 of 3, Response B meets 0, yet Response B is better overall.\nWinner: Response B",
    );
    expect(final(short, short, "B")).toBe(
      "Justification: Both meet 3 of 3; Response B is better overall.\nWinner: Response B",
    );
  });

  it("lets the larger count decide where both meet equally many", () => {
    const criteria = [{ text: "The response is brief and to the point.", kind: "principle" }] as const;
    expect(final(long, short, "B", criteria)).toBe(
      "Justification: Both meet 1 of 1; Response A goes further on 0, Response B on 1.\nWinner: Response B",
    );
    expect(countedLead(prompt, { criteria }, short, long)).toBe(0.5);
    expect(countedLead(prompt, rubric, short, long)).toBe(3);
  });

  it("has no gatekeeper without a hard rule", () => {
    const criteria = rubric.criteria.filter(({ kind }) => kind === "principle");
    const text = teacherJudgement({
      prompt,
      responseA: "",
      responseB: "",
      rubric: { criteria },
      preferred: "A",
    });
    expect(text).toContain("Criterion: none\n");
  });

  const odd = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          "word",
          "```",
          "- ",
          "\n",
          "1. ",
          "Winner: Response B",
          "--- Analysis ---",
          "{",
          "é ",
          "。",
        ),
      )
      .map((parts) => parts.join("")),
  );

  it("keeps the form and the label, and says of each response the same in both orders", () => {
    fc.assert(
      fc.property(odd, odd, odd, fc.nat(), (request, chosen, rejected, seed) => {
        const asked: Prompt = { id: "q", messages: [{ role: "user", content: request }] };
        const drawn = teacherRubric(asked, new SeededStream(seed));
        const given = teacherJudgement({
          prompt: asked,
          responseA: chosen,
          responseB: rejected,
          rubric: drawn,
          preferred: "A",
        });
        const swapped = teacherJudgement({
          prompt: asked,
          responseA: rejected,
          responseB: chosen,
          rubric: drawn,
          preferred: "B",
        });
        const criteria = drawn.criteria.length;
        expect(readPaperTranscript(given, criteria)).toEqual({ winner: "A", formatOk: true });
        expect(readPaperTranscript(swapped, criteria)).toEqual({ winner: "B", formatOk: true });
        expect(analyses(swapped)).toEqual(analyses(given).reverse());
        expect(countedLead(asked, drawn, rejected, chosen)).toBe(
          -countedLead(asked, drawn, chosen, rejected) + 0,
        );
        for (const line of given.split("\n").filter((text) => text.startsWith("- ")))
          expect(line.split("Justification:")[1]!.trim().split(/\s+/).length).toBeLessThanOrEqual(12);
      }),
      { numRuns: 200 },
    );
  });
});

/** What a judgement says of A and of B. */
function analyses(judgement: string): string[] {
  const [, a, b] = judgement.split(/\*\*Response [AB]:\*\*\n/);
  return [a!.trim(), b!.split("\n\n")[0]!.trim()];
}
