import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LENGTH, MARKS, PADDINGS, RESTYLINGS } from "./interventions.ts";

const style = (name: string) => RESTYLINGS.find((one) => one.name === name)!.apply;
const TEXT = "Wrens sing. They are small birds.\n\n```\nx = 1. y = 2\n```\n- kept";

describe("restyling", () => {
  it.each([
    ["list", "- Wrens sing.\n- They are small birds.\n\n```\nx = 1. y = 2\n```\n- kept"],
    ["bold", "**Wrens sing.** **They are small** birds.\n\n```\nx = 1. y = 2\n```\n- kept"],
    ["headings", `## Overview\n\n${TEXT.replace("\n\n", "\n\n## Details\n\n")}`],
    ["plain", TEXT.replace("- kept", "kept")],
  ])("%s leaves code alone", (name, expected) => expect(style(name)(TEXT)).toBe(expected));

  it("does not cut into a code block that has empty lines", () => {
    const text = "One.\n\n```\na\n\nb\n```\n\nTwo.";
    expect(style("headings")(text)).toBe(
      "## Overview\n\nOne.\n\n## Details\n\n```\na\n\nb\n```\n\n## Further points\n\nTwo.",
    );
  });

  it("plain takes off what the others put on", () => {
    const bare = "Wrens sing. They are small.";
    expect(style("plain")(style("list, bold and headings")(bare)).match(/[A-Za-z]+/g)).toEqual(
      expect.arrayContaining(["Wrens", "sing", "They", "are", "small"]),
    );
    expect(MARKS.count(style("plain")(style("list, bold and headings")(bare)))).toBe(0);
    expect(MARKS.count(style("list, bold and headings")(bare))).toBe(5);
  });

  it("keeps every word in its place", () => {
    const words = (text: string) =>
      text.replace(/[-*#\s]|(?:Overview|Details|Further points|In short)\n/g, "");
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,8}[.!?]?$/), { maxLength: 30 }), (parts) => {
        const text = parts.join(" ");
        for (const name of ["list", "bold"]) expect(words(style(name)(text))).toBe(words(text));
      }),
    );
  });
});

it("padding is text behind the response, and length counts characters", () => {
  const [by200, doubled] = PADDINGS;
  expect(by200!.apply("Short. ").startsWith("Short.\n\nThere is more")).toBe(true);
  const long = "a".repeat(1000);
  expect(LENGTH.count(doubled!.apply(long))).toBeGreaterThanOrEqual(2000);
  expect(LENGTH.count("🦜a")).toBe(2);
});
