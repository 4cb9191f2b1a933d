import type { Row } from "../row.ts";

export const row: Row = {
  name: "judge-overhead",
  what: "judge calls/s of one client process against a local mock judge, beside Python and TypeScript judge libraries",
  bar: "at least 4,000 calls/s at 0 ms; at least 90 % of the ideal at 50 ms and 64 under way; at least 8 times openai-py with a shared client",
  async measure() {
    const { measureJudgeOverhead } = await import("../judge/measure-judge-overhead.ts");
    return measureJudgeOverhead();
  },
};
