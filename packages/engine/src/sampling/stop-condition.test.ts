import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stopCondition } from "./stop-condition.ts";

/** Decodes tokens that are bytes of UTF-8, as byte-level tokenizers do. */
const bytes = (tokens: readonly number[]) => new TextDecoder().decode(Uint8Array.from(tokens));

/** Index of the token with which the condition is reached, or −1. */
function reachedAt(
  tokens: readonly number[],
  stop: readonly string[] | readonly number[] | undefined,
  decodeText: (tokens: readonly number[]) => string = bytes,
): number {
  const condition = stopCondition(stop, decodeText);
  return tokens.findIndex((token) => condition.reached(token));
}

test("without stops nothing ends", () => {
  expect(reachedAt([1, 2, 3], undefined)).toBe(-1);
  expect(reachedAt([1, 2, 3], [])).toBe(-1);
});

test("stop tokens", () => {
  expect(reachedAt([5, 1, 9, 2], [2, 9])).toBe(2);
});

describe("stop strings", () => {
  const encoded = (text: string) => [...new TextEncoder().encode(text)];

  test("within and across tokens", () => {
    const words = ["a", "bc", "\n", "\nEnd", " of"];
    const decode = (tokens: readonly number[]) => tokens.map((token) => words[token]).join("");
    expect(reachedAt([0, 1, 4, 2, 3], ["\n\n"], decode)).toBe(4);
    expect(reachedAt([0, 1, 4, 2, 3], ["bc of"], decode)).toBe(2);
    expect(reachedAt([0, 1], ["c"], decode)).toBe(1);
    expect(reachedAt([0, 1, 0], ["abca", "x"], decode)).toBe(2);
  });

  test("characters of several tokens", () => {
    expect(reachedAt(encoded("né"), ["é"])).toBe(2);
    expect(reachedAt(encoded("日本"), ["本"])).toBe(5);
    expect(reachedAt(encoded("a😀b"), ["😀b"])).toBe(5);
  });

  test("tokenizers that drop the space at the start of what they decode", () => {
    const words = ["▁stop", "▁a", "b"];
    const decode = (tokens: readonly number[]) =>
      tokens
        .map((token) => words[token])
        .join("")
        .replaceAll("▁", " ")
        .replace(/^ /, "");
    expect(reachedAt([1, 2, 0], ["ab stop"], decode)).toBe(2);
    expect(reachedAt([1, 2, 0], ["abstop"], decode)).toBe(-1);
  });

  test("tokens without text", () => {
    const decode = (tokens: readonly number[]) => bytes(tokens.filter((token) => token < 256));
    expect(reachedAt([97, 300, 300, 300, 98, 99], ["abc"], decode)).toBe(5);
  });

  test("any text in any bytes: found with the first token that completes it", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "é", "日", "😀"), maxLength: 30 });
    const stop = fc.string({ unit: fc.constantFrom("a", "b", "é", "日", "😀"), minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(text, fc.array(stop, { minLength: 1, maxLength: 3 }), (whole, stops) => {
        const ends = stops.filter((one) => whole.includes(one)).map((one) => whole.indexOf(one) + one.length);
        const expected = ends.length === 0 ? -1 : encoded(whole.slice(0, Math.min(...ends))).length - 1;
        expect(reachedAt(encoded(whole), stops)).toBe(expected);
      }),
    );
  });
});
