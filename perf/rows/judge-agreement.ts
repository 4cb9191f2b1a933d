import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Row } from "../row.ts";

export const row: Row = {
  name: "judge-agreement",
  what: "a local model (ARMATURE_MODEL, a GGUF file or a model folder) as judge: its verdicts beside GPT-4's on InFoBench, and its choices beside LLMBar's labels (ARMATURE_LIMIT instructions, half as many pairs, default 100)",
  bar: "reported with intervals, whatever it is",
  async measure() {
    const path = process.env["ARMATURE_MODEL"];
    const data = fileURLToPath(new URL("../../../shared/data/infobench", import.meta.url));
    if (path === undefined || !existsSync(path))
      throw new Error("ARMATURE_MODEL names no file; set it to a GGUF file or a model folder");
    if (!existsSync(data)) throw new Error(`${data} is missing; put the data sets beside the repository`);
    const limit = Number(process.env["ARMATURE_LIMIT"] ?? 100);
    const { openPolicyModel } = await import("../../packages/armature/src/llm/open-policy-model.ts");
    const { judgeOfMode } = await import("../../packages/armature/src/judge/judge-modes.ts");
    const { infoBenchAgreement, llmBarPairwise, llmBarPointwise } = await import("../judging/agreement.ts");
    const model = await openPolicyModel(path);
    const began = performance.now();
    try {
      const decision = judgeOfMode({ mode: "decision", model });
      const written = judgeOfMode({ mode: "criteria", model, furtherTries: 0, maxTokens: 128 });
      const byProbability = await infoBenchAgreement(decision, limit);
      const infobench = { byProbability, written: await infoBenchAgreement(written, Math.ceil(limit / 4)) };
      const llmbar = {
        pointwise: await llmBarPointwise(decision, Math.ceil(limit / 2)),
        pairwise: await llmBarPairwise(model, Math.ceil(limit / 4)),
      };
      return {
        value: byProbability.agreement?.value ?? 0,
        unit: "share of InFoBench verdicts that agree",
        holds: byProbability.agreement !== null && llmbar.pointwise.accuracy !== null,
        detail: {
          model: model.id,
          limit,
          seconds: Math.round((performance.now() - began) / 1000),
          infobench,
          llmbar,
        },
      };
    } finally {
      await model.close();
    }
  },
};
