import { SeededStream } from "@armature/engine";
import { describe, expect, it } from "vitest";
import { ATTRIBUTE_NAMES } from "./lexicon.ts";
import { nanoWriter } from "./nano-dialect.ts";
import { decodeWords } from "./nano-vocabulary.ts";
import { shows } from "./note.ts";
import { readRequest } from "./note-request.ts";
import { noteLesson, plausibleNoteLesson, writtenReward } from "./policy.ts";
import { PLAUSIBLE } from "./teacher.ts";
import { VALUED } from "./truth.ts";

describe("the nano policy", () => {
  it("learns from notes that are valid but leave much to gain", () => {
    const stream = new SeededStream(2, "policy");
    const shares = Array.from({ length: 1000 }, () => {
      const { prompt, completion } = noteLesson(stream);
      if (prompt.length > 40 || completion.length > nanoWriter.speaker.maxTokens) throw new Error("too long");
      const reading = readRequest(decodeWords(prompt.slice(3, -1)));
      if (!reading.ok) throw new Error(reading.fault);
      const written = writtenReward(reading.request, nanoWriter.speaker.decode(completion));
      if (!written.ok) throw new Error(written.fault);
      return written.reward / (3 * reading.request.rules.length + 1.6);
    });
    const mean = shares.reduce((sum, share) => sum + share) / shares.length;
    expect(mean).toBeGreaterThan(0.5);
    expect(mean).toBeLessThan(0.7);
  });

  it("is taught to mind the recipient without being told what it values", () => {
    const stream = new SeededStream(3, "policy");
    const shown = { plausible: 0, other: 0, valued: 0 };
    for (let i = 0; i < 1000; i++) {
      const { prompt, completion, weights } = plausibleNoteLesson(stream);
      const reading = readRequest(decodeWords(prompt.slice(3, -1)));
      if (!reading.ok) throw new Error(reading.fault);
      const { recipient } = reading.request;
      const written = writtenReward(reading.request, nanoWriter.speaker.decode(completion));
      if (!written.ok) throw new Error(written.fault);
      for (const name of ATTRIBUTE_NAMES.filter((attribute) => shows(written.note, attribute))) {
        shown[PLAUSIBLE[recipient].includes(name) ? "plausible" : "other"]++;
        shown.valued += Number(VALUED[recipient].includes(name));
      }
      expect(weights.length).toBe(completion.length);
      expect(new Set(weights)).toEqual(new Set([1, 6]));
    }
    expect(shown.other).toBe(0);
    // Two of five, drawn evenly.
    expect(shown.valued / shown.plausible).toBeGreaterThan(0.36);
    expect(shown.valued / shown.plausible).toBeLessThan(0.44);
  });

  it("earns nothing measurable, rather than nothing, for a text that is no note", () => {
    const request = { recipient: "child", topic: "wet roof", rules: ["greeting"] } as const;
    expect(writtenReward(request, "hello , the roof is wet . i hope so .")).toMatchObject({
      ok: true,
      reward: 4,
    });
    expect(writtenReward(request, "hello , the roof is wet")).toEqual({
      ok: false,
      fault: "the last sentence is not closed",
    });
    expect(writtenReward(request, "hello , the cat is lost .")).toEqual({
      ok: false,
      fault: "the note is about the lost cat",
    });
  });
});
