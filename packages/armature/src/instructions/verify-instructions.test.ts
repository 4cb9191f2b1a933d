import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readRows } from "../data/read-rows.ts";
import { DataError } from "../errors.ts";
import { IFBENCH_TYPES, IFEVAL_TYPES, UNCHECKED_TYPES } from "./instruction-types.ts";
import { verifyInstructions } from "./verify-instructions.ts";

const FOLDER = join(import.meta.dirname, "../../../../../shared/data/ifeval-ifbench");
const present = existsSync(FOLDER);

const followed = (id: string, kwargs: object, response: string, mode: "strict" | "loose" = "strict") =>
  verifyInstructions([id], [{ ...kwargs }], "Say something.", response, mode).followed[0];

describe("verifyInstructions", () => {
  it("tells each instruction and all of them together", () => {
    const ids = ["punctuation:no_comma", "length_constraints:number_words", "startend:quotation"];
    const kwargs = [{}, { relation: "at least", num_words: 3 }, null];
    expect(verifyInstructions(ids, kwargs, "p", "one two three")).toEqual({
      followed: [true, true, false],
      all: false,
    });
    expect(verifyInstructions(ids, kwargs, "p", '"one two three"').all).toBe(true);
  });

  it("follows nothing with a blank response", () => {
    expect(followed("punctuation:no_comma", {}, " \n ")).toBe(false);
    expect(followed("punctuation:no_comma", {}, "a,\n \n,", "loose")).toBe(false);
  });

  it("reads a response in eight ways where it is loose", () => {
    const quoted = 'Here it is:\n*"yes"*\nI hope that helps.';
    expect(followed("startend:quotation", {}, quoted)).toBe(false);
    expect(followed("startend:quotation", {}, quoted, "loose")).toBe(true);
    expect(followed("startend:quotation", {}, `Sure.\nReally.\n${quoted}`, "loose")).toBe(false);
  });

  it("is never stricter where it is loose", () => {
    const types = Object.keys({ ...IFEVAL_TYPES, ...IFBENCH_TYPES });
    const free = types.filter((id) => {
      try {
        return followed(id, {}, "a") !== null;
      } catch {
        return false;
      }
    });
    expect(free.length).toBeGreaterThan(40);
    const text = fc.string({ unit: fc.constantFrom(..."ab AB.,!?\n*-\"'(1é") });
    fc.assert(
      fc.property(fc.constantFrom(...free), text, (id, response) => {
        expect(followed(id, {}, response, "loose") || !followed(id, {}, response)).toBe(true);
      }),
    );
  });

  it("leaves open what hangs on a type without a checker", () => {
    const [unchecked] = Object.keys(UNCHECKED_TYPES);
    const ids = ["punctuation:no_comma", unchecked!];
    expect(verifyInstructions(ids, [{}, {}], "p", "Go on.")).toEqual({ followed: [true, null], all: null });
    expect(verifyInstructions(ids, [{}, {}], "p", "Go, on.").all).toBe(false);
  });

  it.each([
    [["keywords:existance"], [{}], /\[0\] is "keywords:existance"; did you mean keywords:existence\?/],
    [["toString"], [{}], /is "toString"/],
    [["punctuation:no_comma"], [], /kwargs has 0 entries for 1 instructions/],
    [["punctuation:no_comma"], ["x"], /kwargs\[0\] is a string; give an object of arguments/],
    [
      ["keywords:existence"],
      [{ keywords: [] }],
      /kwargs\[0\] of keywords:existence: keywords is a list of 0/,
    ],
    [["keywords:existence"], [{ keywords: null }], /keywords is missing; give a list of words/],
    [["keywords:existence"], [{ keywords: ["a", 3] }], /keywords\[1\] is a number/],
    [["keywords:letter_frequency"], [{ letter: "ab" }], /letter is "ab"; give one character/],
    [["length_constraints:number_words"], [{ num_words: 2.5, relation: "at least" }], /num_words is 2.5/],
    [["length_constraints:number_words"], [{ num_words: 2 }], /relation is missing; give "at least"/],
    [["length_constraints:number_words"], [{ num_words: 2, relation: "at most" }], /relation is "at most"/],
    [["count:words_japanese"], [{ N: 0 }], /N is 0; give a whole number of at least 1/],
  ])("names what is wrong with %j", (ids, kwargs, message) => {
    const run = () => verifyInstructions(ids, kwargs as Record<string, unknown>[], "Say so.", "x");
    expect(run).toThrow(DataError);
    expect(run).toThrow(/^prompt "Say so\.": /);
    expect(run).toThrow(message);
  });

  it("has the 25 types of IFEval and all of IFBench", async ({ skip }) => {
    expect(Object.keys(IFEVAL_TYPES)).toHaveLength(25);
    if (!present) return skip("../shared/data/ifeval-ifbench is missing");
    const ids = new Set<string>();
    for (const name of ["ifeval", "ifbench"])
      for await (const { value } of readRows(join(FOLDER, `${name}.jsonl.gz`)))
        for (const id of value["instruction_id_list"] as string[]) ids.add(id);
    const known = Object.keys({ ...IFEVAL_TYPES, ...IFBENCH_TYPES, ...UNCHECKED_TYPES });
    expect([...ids].sort()).toEqual(known.sort());
  });

  it("agrees with every published verdict on IFBench's sample responses", async ({ skip }) => {
    if (!present) return skip("../shared/data/ifeval-ifbench is missing");
    let checked = 0;
    const wrong: string[] = [];
    for await (const { value, line } of readRows(join(FOLDER, "ifbench.jsonl.gz"))) {
      if (typeof value["sample_response"] !== "string") continue;
      const ids = value["instruction_id_list"] as string[];
      const kwargs = value["kwargs"] as Record<string, unknown>[];
      const { followed: own } = verifyInstructions(ids, kwargs, "", value["sample_response"]);
      const published = value["strict_follow_list"] as boolean[];
      own.forEach((verdict, i) => {
        if (verdict !== null) checked++;
        if (verdict !== null && verdict !== published[i]) wrong.push(`${line}: ${ids[i]}`);
      });
    }
    expect({ checked, wrong }).toEqual({ checked: 325, wrong: [] });
  });

  it("agrees with IFEval's published checkers on GPT-4's responses, but where those err", async ({
    skip,
  }) => {
    if (!present) return skip("../shared/data/ifeval-ifbench is missing");
    const golden = JSON.parse(
      readFileSync(join(import.meta.dirname, "../../test/golden/ifeval-verdicts.json"), "utf8"),
    ) as Readonly<Record<string, readonly [strict: string, loose: string]>>;
    const differing: string[] = [];
    let drawn = 0;
    for await (const { value } of readRows(join(FOLDER, "ifeval.jsonl.gz"))) {
      const ids = value["instruction_id_list"] as string[];
      for (const [k, mode] of (["strict", "loose"] as const).entries()) {
        const response = (value["gpt4_response"] as string | null) ?? "";
        const kwargs = value["kwargs"] as Record<string, unknown>[];
        const { followed: own } = verifyInstructions(ids, kwargs, "", response, mode);
        own.forEach((verdict, i) => {
          const theirs = golden[String(value["key"])]![k]![i]!;
          if (theirs === "?") drawn++;
          else if (Number(verdict) !== Number(theirs))
            differing.push(`${mode} ${value["key"]} ${ids[i]}: ${verdict}`);
        });
      }
    }
    // They count a random letter in place of # and !.
    expect(drawn).toBe(4);
    // They take short or capital English for other languages.
    const known = [
      ...["1843 change_case:english_lowercase", "202 change_case:english_lowercase"],
      ...["2341 change_case:english_capital", "2571 change_case:english_capital"],
      "3456 change_case:english_capital",
    ];
    const expected = ["strict", "loose"].flatMap((mode) => known.map((one) => `${mode} ${one}: true`));
    expect(differing.sort()).toEqual(expected.sort());
  });
});
