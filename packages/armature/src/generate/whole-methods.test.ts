import { describe, expect, test } from "vitest";
import { textCritic } from "../../test/generate/text-critic.ts";
import type { Prompt } from "../data/prompt.ts";
import { chasingTheTailProtocol } from "../judge/chasing-the-tail-protocol.ts";
import { criterionJudge } from "../judge/criterion-judge.ts";
import { chasingTheTail, chasingTheTailSum } from "../reward/weighted-mean.ts";
import { contrast } from "./contrast.ts";
import { contrastiveWriter } from "./contrastive-writer.ts";
import { improvingWriter } from "./improving-writer.ts";
import { initialWriter } from "./initial-writer.ts";
import { languagePairJudge } from "./language-pair-judge.ts";
import { refineRubric } from "./refine.ts";

const prompt: Prompt = { id: "p", messages: [{ role: "user", content: "Explain photosynthesis briefly." }] };
const list = "For example:\n\n- because one\n- because two\n- because three";

// The critic by program reads what it is shown, so these run the methods as a strong model would.
describe("whole methods with a critic by program", () => {
  test("a rubric from a list of ranked responses agrees with their order", async () => {
    const model = textCritic();
    const check = { judge: languagePairJudge({ model, seed: 3 }), tau: 0.5 };
    const settings = { writer: contrastiveWriter({ model }), consistency: check };
    const ranked = [list, "Because of light, for example.", "It is so."];
    const listwise = await contrast(prompt, ranked, settings);
    expect(listwise.writing.status).toBe("written");
    expect(listwise.consistency!.pairs).toMatchObject([
      { better: 0, worse: 1 },
      { better: 0, worse: 2, discarded: null },
      { better: 1, worse: 2 },
    ]);
    const { writing, consistency, usage } = await contrast(prompt, [list, "It is so."], settings);
    expect(writing).toMatchObject({ status: "written", faults: [], repairs: [] });
    expect(consistency).toMatchObject({ accuracy: 1, pairs: [{ better: 0, worse: 1, discarded: null }] });
    expect(usage.calls).toBe(2);
  });

  test("refinement scores the better response higher than the first rubric does", async () => {
    const model = textCritic();
    const verifier = criterionJudge({ model, protocol: chasingTheTailProtocol({ missingIsNo: true }) });
    const settings = {
      ...{ initial: initialWriter({ model }), proposer: improvingWriter({ model }), verifier },
      ...{ score: chasingTheTailSum, normalisedScore: chasingTheTail, rounds: 2, excludeUsed: false },
    };
    const candidates = [
      "Photosynthesis turns light into sugar.",
      `Photosynthesis, explained. ${list}`,
      "Photosynthesis is explained, for example because of light.",
    ];
    const { initial, differentiated } = await refineRubric({ prompt, rubric: null, candidates }, settings);
    expect(initial!.status).toBe("written");
    // The first rubric asks for the topic, an example and a reason: the second and third meet them alike.
    const [first, second] = differentiated!.rounds;
    expect(first).toMatchObject({ pair: [1, 2], outcome: "improved" });
    expect(first!.scores![1]!.score).toBe(first!.scores![2]!.score);
    expect(second!.scores![1]!.score).toBeGreaterThan(second!.scores![2]!.score!);
  });
});
