import { SeededStream } from "@armature/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ATTRIBUTE_NAMES, ATTRIBUTES, ELEMENTS, RECIPIENTS, RULES, TOPICS } from "./lexicon.ts";
import { randomNote, readNote, shows, writeNote } from "./note.ts";
import { randomRequest, readRequest, writeRequest } from "./note-request.ts";
import { holds, trueReward, VALUED } from "./truth.ts";
import { HELD_OUT_PAIRS, TRAINING_PAIRS, worldPairs } from "./world.ts";

const seeds = fc.integer({ min: 0, max: 1e9 }).map((seed) => new SeededStream(seed, "test"));

describe("the world's words", () => {
  it("gives every phrase a word that no other phrase or topic has", () => {
    const texts = [...Object.values(ELEMENTS), ...Object.values(ATTRIBUTES)].flat();
    const others = (text: string) =>
      [...texts.filter((other) => other !== text), ...Object.values(TOPICS)].flatMap((other) =>
        other.split(" "),
      );
    for (const text of texts) {
      expect(
        text.split(" ").some((word) => !others(text).includes(word)),
        text,
      ).toBe(true);
    }
  });

  it("lets every attribute come first for one recipient and second for another", () => {
    const valued = RECIPIENTS.map((recipient) => VALUED[recipient]);
    expect(valued.map(([first]) => first).sort()).toEqual([...ATTRIBUTE_NAMES].sort());
    expect(valued.map(([, second]) => second).sort()).toEqual([...ATTRIBUTE_NAMES].sort());
  });
});

describe("requests and notes", () => {
  it("are read back as they were written", () => {
    fc.assert(
      fc.property(seeds, (stream) => {
        const request = randomRequest(stream);
        const note = randomNote(stream, request, stream.chance(0.5) ? request.rules[0] : undefined);
        expect(readRequest(writeRequest(request))).toEqual({ ok: true, request });
        expect(readNote(writeNote(note))).toEqual({ ok: true, note });
      }),
    );
  });

  it("keep every rule except the broken one", () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), (stream, breaks) => {
        const request = randomRequest(stream);
        const broken = breaks ? stream.pick(request.rules) : undefined;
        const note = randomNote(stream, request, broken);
        expect(request.rules.filter((rule) => !holds(rule, note))).toEqual(
          broken === undefined ? [] : [broken],
        );
      }),
    );
  });

  it.each([
    ["", "the last sentence is not closed"],
    ["the cat is lost", "the last sentence is not closed"],
    ["hello , kindly reply .", '"kindly reply" opens no topic'],
    ["the cat is lost . kindly hug .", 'unknown phrase "kindly hug"'],
    ["the cat is lost . hello , .", 'unknown phrase "hello ,"'],
    ["the cat is lost . at nine . on monday .", "time is said twice"],
    ["the cat is lost . a long hug . many thanks . i hope so . to be frank .", "more than 3 attributes"],
    ["the cat is lost . can you come ? at nine .", 'unknown phrase "can you come ? at nine"'],
  ])("reads no note in '%s'", (text, fault) => {
    expect(readNote(text)).toEqual({ ok: false, fault });
  });

  it.each([
    ["write to the boss about the lost cat", "a request ends with a full stop"],
    ["", "a request ends with a full stop"],
    ["write to the king about the lost cat .", 'unknown opening "write to the king about the lost cat"'],
    ["write to the boss about the lost cat . sing .", 'unknown demand "sing"'],
    [
      "write to the boss about the lost cat . give a time . give a time .",
      'demand "give a time" is repeated',
    ],
  ])("reads no request in '%s'", (text, fault) => {
    expect(readRequest(text)).toEqual({ ok: false, fault });
  });

  it("never throw on arbitrary text", () => {
    const words = fc.constantFrom(
      "hello",
      ",",
      ".",
      "?",
      "the cat is lost",
      "at nine",
      "write to the boss about the lost cat",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((parts) => parts.join(" ")),
        ),
        (text) => {
          readRequest(text);
          const reading = readNote(text);
          if (reading.ok) expect(writeNote(reading.note)).toBe(text.trim().split(/\s+/).join(" "));
        },
      ),
    );
  });
});

describe("the true reward", () => {
  const request = { recipient: "boss", topic: "lost cat", rules: ["time", "no-money"] } as const;

  it.each([
    ["the cat is lost .", 3],
    ["the cat is lost . at nine .", 6],
    ["the cat is lost . at nine . hereby stated .", 7],
    ["the cat is lost . i admit it . on monday .", 6.6],
    ["the cat is lost . sincerely yours . at nine . to be frank .", 7.6],
    ["hello , the cat is lost . it costs ten . a long hug . is that fine ?", 0],
  ])("of '%s' is %d", (text, reward) => {
    const reading = readNote(text);
    expect(reading.ok && trueReward(request, reading.note)).toBeCloseTo(reward, 12);
  });
});

describe("worldPairs", () => {
  const pairs = worldPairs(5, "train", 4000, TRAINING_PAIRS);

  it("labels by the true reward, except for the noise", () => {
    const wrong = pairs.filter(({ truth: { request, chosen, rejected, trueWinner } }) => {
      const difference = trueReward(request, chosen) - trueReward(request, rejected);
      return difference === 0 || difference > 0 !== (trueWinner === "chosen");
    });
    expect(wrong).toEqual([]);
    for (const { pair, truth } of pairs.slice(0, 200)) {
      expect([pair.chosen, pair.rejected]).toEqual([writeNote(truth.chosen), writeNote(truth.rejected)]);
      expect(readRequest(pair.prompt.messages[0]!.content)).toEqual({ ok: true, request: truth.request });
    }
    const noisy = pairs.filter(({ truth }) => truth.trueWinner === "rejected").length;
    expect(Math.abs(noisy / pairs.length - 0.05)).toBeLessThan(0.014); // four standard errors
    const heldOut = worldPairs(5, "held-out", 2000, HELD_OUT_PAIRS);
    expect(heldOut.every(({ truth }) => truth.trueWinner === "chosen")).toBe(true);
  });

  it("breaks a rule only in hard pairs", () => {
    const broken = pairs.filter(({ truth: { request, chosen, rejected } }) =>
      request.rules.some((rule) => !holds(rule, chosen) || !holds(rule, rejected)),
    );
    expect(broken.filter(({ truth }) => truth.kind === "principle")).toEqual([]);
    // Equal rewards are rarer among hard pairs, so redrawing raises their share from 0.2.
    const hard = pairs.filter(({ truth }) => truth.kind === "hard").length / pairs.length;
    expect(hard).toBeGreaterThan(0.28);
    expect(hard).toBeLessThan(0.36);
  });

  it("repeats for a seed, begins long lists with short ones and keeps splits apart", () => {
    expect(worldPairs(5, "train", 50, TRAINING_PAIRS)).toEqual(pairs.slice(0, 50));
    expect(worldPairs(6, "train", 50, TRAINING_PAIRS)).not.toEqual(pairs.slice(0, 50));
    const texts = (split: string) =>
      worldPairs(5, split, 2000, HELD_OUT_PAIRS).map(
        ({ pair }) =>
          `${pair.prompt.messages[0]!.content} ${[pair.chosen, pair.rejected].sort().join(" / ")}`,
      );
    const train = new Set(texts("train"));
    expect(texts("held-out").filter((text) => train.has(text)).length).toBeLessThan(4);
  });

  it("shows every element of a note both ways", () => {
    const notes = pairs.flatMap(({ truth }) => [truth.chosen, truth.rejected]);
    for (const rule of Object.values(RULES)) {
      const share = notes.filter((note) => shows(note, rule.element)).length / notes.length;
      expect(share).toBeGreaterThan(0.1);
      expect(share).toBeLessThan(0.6);
    }
  });
});
