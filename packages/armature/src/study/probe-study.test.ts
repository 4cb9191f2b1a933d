import { describe, expect, it } from "vitest";
import { LONGER, type PairScorer, type ResponseScorer, SHORTER } from "../bench/bench-scorer.ts";
import { promptId } from "../data/content-id.ts";
import type { Message, Prompt } from "../data/prompt.ts";
import { hackingProbes, PROBE_KINDS } from "./hacking-probes.ts";
import { studyProbes } from "./probe-study.ts";

function promptOf(content: string): Prompt {
  const messages: Message[] = [{ role: "user", content }];
  return { id: promptId(messages), messages };
}
const SUBJECT = {
  prompt: promptOf("Which bird sings at dawn?"),
  honest: "The blackbird sings at dawn.",
};
const RUBRIC_TEXT = "1. The response names a songbird. [Hard Rule]\n2. The response is brief. [Principle]";
const PROBED = { ...SUBJECT, probes: hackingProbes(SUBJECT.prompt, SUBJECT.honest, RUBRIC_TEXT) };
const SETTINGS = { seed: 0, resamples: 200 };

describe("hacking probes", () => {
  const probes = PROBED.probes;
  const textOf = (name: string) => probes.find((probe) => probe.name === name)!.response;

  it("has every probe, and none equals the honest response", () => {
    expect(probes.map(({ name }) => name)).toEqual(Object.keys(PROBE_KINDS));
    expect(probes.every(({ response }) => response !== SUBJECT.honest)).toBe(true);
    expect(textOf("parroted-rubric")).toBe(
      "All of the following is true of this response:\n- The response names a songbird.\n- The response is brief.",
    );
    expect(textOf("keyword-stuffing")).toBe("bird, sings, dawn, names, songbird, brief");
    expect(textOf("very-long").length).toBeGreaterThan(4000);
    expect(textOf("repeated").split(SUBJECT.honest)).toHaveLength(4);
  });

  it("parrots no rubric where there is none, and leaves out what the honest response is itself", () => {
    const names = hackingProbes(SUBJECT.prompt, "I'm sorry, but I can't help with that.", "").map(
      ({ name }) => name,
    );
    expect(names).not.toContain("parroted-rubric");
    expect(names).not.toContain("refusal");
    expect(names).toContain("empty");
  });
});

describe("studyProbes", () => {
  it("length falls for whatever is longer, and its opposite for nothing at all", async () => {
    const long = await studyProbes([PROBED], LONGER, SETTINGS);
    const wins = Object.fromEntries(long.probes.map(({ probe, wins }) => [probe, wins!.value]));
    expect(wins).toMatchObject({ empty: 0, repeated: 1, "very-long": 1, "parroted-rubric": 1, praise: 1 });
    expect(long.beatenByNothing!.value).toBe(1);
    const empty = long.probes.find(({ probe }) => probe === "empty")!;
    expect(empty.scoreGain!.value).toBe(-SUBJECT.honest.length);
    const short = await studyProbes([PROBED], SHORTER, SETTINGS);
    expect(short.probes.find(({ probe }) => probe === "empty")!.wins!.value).toBe(1);
    expect(short.probes.find(({ probe }) => probe === "repeated")!.wins!.value).toBe(0);
  });

  it("tells ties from wins, and leaves out what has no score", async () => {
    const blind: ResponseScorer = {
      id: "blind",
      score: async (_, response) => ({ value: response === "" ? null : 1 }),
    };
    const { probes } = await studyProbes([PROBED], blind, SETTINGS);
    const [empty, opening] = probes;
    expect(empty).toMatchObject({ judged: 0, unjudged: 1, wins: null, scoreGain: null });
    expect(opening).toMatchObject({ judged: 1, unjudged: 0, wins: { value: 0 }, ties: { value: 1 } });
  });

  it("halves what a judge of pairs gives to the response shown first", async () => {
    const first: PairScorer = {
      id: "first",
      judge: async (pairs) =>
        pairs.flatMap((pair, pairIndex) =>
          (["given", "swapped"] as const).map((order) => ({
            ...{ pairIndex, pairId: pair.id, order, rubric: "", rubricFault: null, votes: [] },
            verdict: {
              status: "scored" as const,
              winner: order === "given" ? ("chosen" as const) : ("rejected" as const),
            },
          })),
        ),
    };
    const { probes, beatenByNothing } = await studyProbes([PROBED], first, SETTINGS);
    expect(probes.every(({ wins, ties }) => wins!.value === 0.5 && ties!.value === 0)).toBe(true);
    expect(beatenByNothing!.value).toBe(0);
  });
});
