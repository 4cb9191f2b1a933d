import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonValues } from "./json-values.ts";

const valuesOf = (text: string): unknown[] => Array.from(jsonValues(text), ({ value }) => value);

describe("JSON in a text", () => {
  test.each<[text: string, values: unknown[]]>([
    ["", []],
    ["no json, 1 {or} [so]", []],
    ['{"a": 1}', [{ a: 1 }]],
    ['Sure!\n```json\n[{"a": "x"}]\n```\nDone.', [[{ a: "x" }]]],
    ['first {"a": 1} then [2, 3]', [{ a: 1 }, [2, 3]]],
    ['{"a": "} ] {", "b": "say \\"hi\\" {"}', [{ a: "} ] {", b: 'say "hi" {' }]],
    ['{"a": [1, 2,], "b": "x,}",}', [{ a: [1, 2], b: "x,}" }]],
    ['the set {x | x > 0} and {"a": 1}', [{ a: 1 }]],
    ['[ broken {"a": 1} text', [{ a: 1 }]],
    ['[1, 2 {"a": 1}]', [{ a: 1 }]],
    ['{"a": 1', []],
    ['[Hard Rule] {"a": 1}', [{ a: 1 }]],
    ["{'a': True, 'b': None}", [{ a: true, b: null }]],
    ['{"a": "one\ntwo \\d \\u00e9"}', [{ a: "one\ntwo d é" }]],
    ['[{"id": "c1"}, {"id": "c2"}, {"id": "c', [{ id: "c1" }, { id: "c2" }]],
  ])("%j", (text, values) => {
    expect(valuesOf(text)).toEqual(values);
  });

  test("a mended value is told apart", () => {
    expect([...jsonValues("[1,] [2]")]).toEqual([
      { value: [1], source: "[1,]", mended: true },
      { value: [2], source: "[2]", mended: false },
    ]);
  });

  test("any JSON is found in any prose without brackets or quotes", () => {
    const prose = fc.string().map((text) => text.replace(/[[\]{}"]/g, ""));
    const json = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()));
    fc.assert(
      fc.property(prose, json, prose, fc.constantFrom(undefined, 2), (before, value, after, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(valuesOf(`${before}${text}${after}`)).toEqual([JSON.parse(text)]);
      }),
    );
  });

  test("a key that names the prototype stays a key", () => {
    const [object] = valuesOf('{"__proto__": {"verdict": "yes"},}') as [Record<string, unknown>];
    expect(object["verdict"]).toBeUndefined();
    expect(Object.keys(object)).toEqual(["__proto__"]);
  });

  test("never throws, and brackets alone take no long time", () => {
    fc.assert(fc.property(fc.string(), (text) => void valuesOf(text)));
    const began = process.cpuUsage().user;
    expect(valuesOf("[".repeat(50_000))).toEqual([]);
    for (const piece of ["{", '{"a":', '{"a":"', "{'"]) valuesOf(piece.repeat(4000));
    // Processor time, for the clock also counts what other programs take.
    expect((process.cpuUsage().user - began) / 1000).toBeLessThan(3000);
  });
});
