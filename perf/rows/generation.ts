import { homedir } from "node:os";
import type { Row } from "../row.ts";

/** Prompts; ARMATURE_PROMPTS gives another number. */
const PROMPTS = 20;
/** Longest text in characters that the local model is shown: its prefill on a processor is what takes the time. */
const SHORT = 900;

export const row: Row = {
  name: "generation",
  what: "refinement through differentiation and contrastive generation on real prompts: a small local model, and a critic by program in place of a strong one",
  bar: "every prompt ends in typed results with both models; the critic's every rubric is read, refined and checked against labels",
  async measure() {
    const { alpacaRows } = await import("../generation/alpaca-rows.ts");
    const { measureGeneration } = await import("../generation/measure-generation.ts");
    const { textCritic } = await import("../../packages/armature/test/generate/text-critic.ts");
    const { openLanguageModels } = await import("../../packages/armature/src/index.ts");
    const prompts = Number(process.env["ARMATURE_PROMPTS"] ?? PROMPTS);
    const rows = alpacaRows(prompts, 0);
    const shortRows = alpacaRows(prompts, 0, SHORT);
    if (rows === null || shortRows === null)
      throw new Error("../shared/data/alpaca-eval is not beside the repository");
    const say = (line: string) => void process.stderr.write(`${line.replaceAll(homedir(), "~")}\n`);
    const critic = await measureGeneration(
      textCritic(),
      null,
      rows,
      {
        ...{ candidates: 16, rounds: 4, excludeUsed: true, ranked: [0, 1, 2] },
        ...{ rubricTokens: 4096, judgementTokens: 2048, furtherTries: 2, concurrency: 4 },
      },
      say,
    );
    const path = process.env["ARMATURE_MODEL"];
    if (path === undefined) throw new Error("ARMATURE_MODEL names no model; give a GGUF file or a folder");
    const { models, close } = await openLanguageModels([path]);
    try {
      const local = await measureGeneration(
        models[0]!,
        textCritic(),
        shortRows,
        {
          ...{ candidates: 3, rounds: 2, excludeUsed: false, ranked: [0, 2] },
          ...{ rubricTokens: 320, judgementTokens: 160, furtherTries: 1, concurrency: 8 },
        },
        say,
      );
      const complete = [critic, local].every((each) => each.prompts === prompts);
      const whole =
        critic.refinement.improved === critic.refinement.rounds &&
        critic.labelFilter.parseFailureRate === 0 &&
        Object.values(critic.writing).every(({ parseFailureRate }) => parseFailureRate === 0);
      return {
        value: critic.prompts + local.prompts,
        unit: "prompts through both methods",
        holds: complete && whole,
        detail: { local, critic },
      };
    } finally {
      await close();
    }
  },
};
