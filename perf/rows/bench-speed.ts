import { performance } from "node:perf_hooks";
import type { Row } from "../row.ts";

const PAIRS = 1600;
const IN_FLIGHT = 64;
const JUDGE_SECONDS = 0.3;
const STORED = 100_000;

export const row: Row = {
  name: "bench-speed",
  what: "what a bench adds to a judge that answers in 0.3 s, 3,200 responses at 64 in flight; and 100,000 stored judgements summed up again",
  bar: "at most 5 % beyond the judge's own time, grading and intervals included; summing up again in under 2 s",
  async measure() {
    const { benchResult } = await import("../../packages/armature/src/bench/bench-result.ts");
    const { judgeItems } = await import("../../packages/armature/src/bench/judge-items.ts");
    const { suiteNamed } = await import("../../packages/armature/src/bench/suites.ts");
    const suite = suiteNamed("pairs");
    const items = Array.from({ length: STORED }, (_, i) => {
      const value = { prompt: `question ${i}`, chosen: `better ${i}`, rejected: `worse ${i}` };
      return suite.read({ file: `part ${i % 5}`, line: i + 1, value });
    }).flat();
    const slow = {
      id: "slow",
      score: (_: unknown, response: string) =>
        new Promise<{ value: number }>((resolve) =>
          setTimeout(() => resolve({ value: response.length }), 1000 * JUDGE_SECONDS),
        ),
    };
    const facts = { scorer: "slow", files: [], leftOut: {}, overlap: null, seed: 0, seconds: 1 };
    const timed = async (work: () => Promise<unknown>) => {
      const start = performance.now();
      await work();
      return (performance.now() - start) / 1000;
    };
    const seconds = await timed(async () =>
      benchResult(suite, await judgeItems(items.slice(0, PAIRS), slow, { concurrency: IN_FLIGHT }), facts),
    );
    const judge = ((2 * PAIRS) / IN_FLIGHT) * JUDGE_SECONDS;
    const stored = await judgeItems(items, { id: "now", score: async (_, text) => ({ value: text.length }) });
    // On a machine that others use too, processor time tells more than the clock.
    const before = process.cpuUsage();
    const again = await timed(async () => benchResult(suite, stored, facts));
    const { user, system } = process.cpuUsage(before);
    const processor = (user + system) / 1e6;
    return {
      value: seconds / judge - 1,
      unit: "share of the judge's time",
      holds: seconds / judge - 1 <= 0.05 && again < 2,
      detail: { seconds, judge, summingUpAgain: again, processorSeconds: processor, stored: STORED },
    };
  },
};
