import { SeededStream } from "@armature/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seemsTrue } from "./keyword-reading.ts";
import { PRINCIPLE_NAMES, RULE_NAMES } from "./lexicon.ts";
import { randomNote, writeNote } from "./note.ts";
import { randomRequest } from "./note-request.ts";
import { holds } from "./truth.ts";

const NAMES = [...RULE_NAMES, ...PRINCIPLE_NAMES];

describe("reading by keywords", () => {
  it("is the truth about every note", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const stream = new SeededStream(seed, "keyword reading");
        const request = randomRequest(stream);
        const note = randomNote(stream, request, stream.chance(0.5) ? stream.pick(request.rules) : undefined);
        const seen = NAMES.filter((name) => seemsTrue(name, request, writeNote(note)));
        expect(seen).toEqual(NAMES.filter((name) => holds(name, note)));
      }),
    );
  });

  it("gives credit to texts that say everything, and knows that they are no notes", () => {
    const request = { recipient: "boss", topic: "cold room", rules: ["time"] } as const;
    const all =
      "the room is cold . at nine . to be frank . kindly reply . i hope so . many thanks . hereby stated .";
    expect(NAMES.filter((name) => seemsTrue(name, request, all))).toEqual([
      ...["time", "no-money", "formal", "honest", "polite", "hopeful", "grateful"],
    ]);
    // Part of a phrase is none: "hereby" alone, or "kindly" without its "reply".
    expect(seemsTrue("formal", request, "the room is cold . hereby .")).toBe(false);
    expect(seemsTrue("polite", request, "kindly replying")).toBe(false);
  });
});
