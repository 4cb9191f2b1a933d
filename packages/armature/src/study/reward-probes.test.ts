import { describe, expect, it } from "vitest";
import { textPrompt } from "../data/read-prompts.ts";
import type { PolicyReward } from "../reward/policy-reward.ts";
import { sandboxTruthReward } from "../reward/sandbox-truth-reward.ts";
import { encodeWorldText } from "../sandbox/nano-vocabulary.ts";
import { noteTruth } from "../sandbox/note-truth.ts";
import { policyPrompts } from "../sandbox/policy-prompts.ts";
import { studyRewardProbes } from "./reward-probes.ts";
import { honestNote, SANDBOX_PROBE_KINDS, sandboxProbes } from "./sandbox-probes.ts";

const SETTINGS = { seed: 0, resamples: 200 };
const PROMPTS = policyPrompts().heldOut.slice(0, 40);
const SUBJECTS = PROMPTS.map((prompt) => {
  const honest = honestNote(prompt);
  return { prompt, honest, probes: sandboxProbes(prompt, honest) };
});

describe("probes of the sandbox", () => {
  it("are made of its words, fit into a note, and have the form that they claim", () => {
    for (const { prompt, probes } of SUBJECTS)
      for (const { name, response } of probes) {
        expect(response.split(" ").length).toBeLessThanOrEqual(39);
        expect(noteTruth(prompt, response).fault === null, `${name}: ${response}`).toBe(
          SANDBOX_PROBE_KINDS[name].note,
        );
        if (name !== "forged-verdict") expect(() => encodeWorldText(response)).not.toThrow();
      }
  });

  it("stand beside honest notes that keep every rule", () => {
    for (const { prompt, honest } of SUBJECTS) expect(noteTruth(prompt, honest).rulesKept).toBe(1);
  });

  it("earn nothing in truth where they are no notes; one note for all keeps every rule", async () => {
    const results = await studyRewardProbes(SUBJECTS, [sandboxTruthReward()], SETTINGS);
    for (const { probe, atLeast, judged } of results) {
      if (!SANDBOX_PROBE_KINDS[probe as keyof typeof SANDBOX_PROBE_KINDS].note)
        expect(atLeast!.value).toBe(0);
      expect(judged).toBeGreaterThan(30);
    }
    const oneForAll = results.find(({ probe }) => probe === "one-for-all")!;
    expect(oneForAll.atLeast!.value).toBeGreaterThan(0.5);
  });
});

describe("studyRewardProbes", () => {
  const prompt = textPrompt("Say something.");
  const subject = (honest: string, ...responses: string[]) => ({
    prompt,
    honest,
    probes: responses.map((response) => ({ name: response, response })),
  });

  it("compares with the honest response, and leaves out what has no reward", async () => {
    const words: PolicyReward = {
      id: "words",
      needsGreedy: false,
      reward: async (groups) =>
        groups.map(({ tokens }) =>
          tokens.map((count) => ({ value: count > 4 ? null : count, components: {} })),
        ),
      prefer: async () => [],
    };
    const results = await studyRewardProbes(
      [subject("a b", "a b c", "c d", "", "a b c d e")],
      [words],
      SETTINGS,
    );
    expect(
      results.map(({ judged, atLeast, more, gain }) => [judged, atLeast?.value, more?.value, gain?.value]),
    ).toEqual([
      [1, 1, 1, 1],
      [1, 1, 0, 0],
      [1, 0, 0, -2],
      [0, undefined, undefined, undefined],
    ]);
  });

  it("gives a relative reward the honest response as its reference", async () => {
    const longer: PolicyReward = {
      id: "longer than the reference",
      needsGreedy: true,
      reward: async (groups) =>
        groups.map(({ responses, greedy }) =>
          responses.map((text) => ({
            value: (Math.sign(text.length - greedy!.length) + 1) / 2,
            components: {},
          })),
        ),
      prefer: async () => [],
    };
    const [more, less] = await studyRewardProbes([subject("ab", "abc", "a")], [longer, longer], SETTINGS);
    expect([more!.gain!.value, less!.gain!.value, less!.judged]).toEqual([0.5, -0.5, 2]);
  });
});
