import { SeededStream } from "@armature/engine";
import { describe, expect, it } from "vitest";
import { nanoWriter } from "./nano-dialect.ts";
import { decodeWords } from "./nano-vocabulary.ts";
import { readRequest } from "./note-request.ts";
import { noteLesson, writtenReward } from "./policy.ts";

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
