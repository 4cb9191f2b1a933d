import { describe, expect, it } from "vitest";
import { pitfallPolarity } from "./polarity.ts";

describe("pitfallPolarity", () => {
  it.each([
    ["Avoids blaming dust.", "good", true],
    ["The response avoids medical jargon.", "good", true],
    ["Should refrain from guessing a diagnosis.", "good", true],
    ["Is free of spelling mistakes.", "good", true],
    ["Contains no factual errors.", "good", true],
    ["Does not confuse speed with velocity.", "good", true],
    ["The answer doesn't incorrectly assume a vacuum.", "good", true],
    ["Never fabricates a source.", "good", true],
    ["Does not mention the side effects.", "bad", true],
    ["Doesn't explain why.", "bad", true],
    ["Never seeks consent.", "bad", true],
    ["Contains no process for follow-up.", "bad", true],
    ["Fails to state the units.", "bad", true],
    ["Omits the second law.", "bad", true],
    ["Recommends surgery at once.", "bad", true],
    ["Assumes a vacuum.", "bad", true],
    ["Does not reflect the wishes of the user.", "bad", false],
    ["", "bad", true],
  ] as const)("%j is %s when true", (text, polarity, sure) => {
    expect(pitfallPolarity(text)).toMatchObject({ polarity, sure });
  });

  it("calls a statement plain that neither avoids, denies nor misses anything", () => {
    const plain = (text: string) => pitfallPolarity(text).plain;
    expect(plain("Recommends surgery at once.")).toBe(true);
    expect(["Avoids dust.", "Does not mention dust.", "Omits dust."].map(plain)).toEqual([
      false,
      false,
      false,
    ]);
  });
});
