import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { fenced, fillTemplate, loadPromptTemplate } from "./fill-template.ts";

describe("fillTemplate", () => {
  it("inserts values as they are, however often they are named", () => {
    expect(fillTemplate("{a} and {b}, {a}; {not a name} {}", { a: "{b} $& $1", b: "}{" })).toBe(
      "{b} $& $1 and }{, {b} $& $1; {not a name} {}",
    );
  });

  it("equals joining the template's pieces with the values", () => {
    const piece = fc.string().map((text) => text.replace(/[{}]/g, ""));
    const value = fc.oneof(fc.string(), fc.constantFrom("{a}", "{b}", "$&", "$1", "{{a}}", "\\"));
    fc.assert(
      fc.property(piece, piece, piece, value, value, (first, second, third, a, b) => {
        expect(fillTemplate(`${first}{a}${second}{b}${third}`, { a, b })).toBe(
          first + a + second + b + third,
        );
      }),
    );
  });

  it("refuses a placeholder without value and a value without placeholder", () => {
    expect(() => fillTemplate("{a} {c}", { a: "", b: "" })).toThrow(
      "prompt template: {c} has no value; use {a}, {b}",
    );
    expect(() => fillTemplate("{a}", { a: "", b: "" })).toThrow("prompt template: has no {b}; use {a}, {b}");
    expect(() => fillTemplate("{constructor}", {})).toThrow(ConfigError);
  });
});

describe("fenced", () => {
  it("cannot be closed from within", () => {
    const text = fc
      .array(fc.oneof(fc.string(), fc.constantFrom("`", "```", "\n", "\n````\n")))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (text) => {
        const [, fence, inside] = /^(`{3,})\n([\s\S]*)\n\1$/.exec(fenced(text)) ?? [];
        expect(inside).toBe(text);
        expect(text).not.toContain(fence);
      }),
    );
  });
});

describe("the prompt templates", () => {
  it.each([
    ["rubric-generation", ["prompt"]],
    ["pairwise-judge", ["instruction", "rubric", "response_a", "response_b"]],
  ] as const)("%s has the placeholders %j once each", (name, names) => {
    const values = Object.fromEntries(names.map((name) => [name, `<<${name}>>`]));
    const text = fillTemplate(loadPromptTemplate(name), values);
    for (const name of names) expect(text.split(`<<${name}>>`).length).toBe(2);
  });

  it("are published with the package", () => {
    const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    expect(manifest.files).toContain("src");
  });
});
