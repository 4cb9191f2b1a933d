import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Row } from "../row.ts";

/** Criteria a row; the number of rows follows from the number of judgements. */
const CRITERIA = 10;
const CONCURRENCY = 64;
const SEED = 20_261_125;

export const row: Row = {
  name: "judge-faults",
  what: "armature judge as a process against a real server that turns away, breaks, hangs, garbles and cuts connections, killed with SIGKILL in the middle and started again; then the same with a budget that does not suffice (ARMATURE_JUDGEMENTS, default 10,000)",
  bar: "every judgement present exactly once and right, no failure counted as a zero, no more questions answered twice than were under way at the kill, the budget never exceeded",
  async measure() {
    const { faultyServer, FAULTS, judgementFaults, judgeProcess, writeRows } = await import(
      "../judging/faulty-judging.ts"
    );
    const rows = Number(process.env["ARMATURE_JUDGEMENTS"] ?? 10_000) / CRITERIA;
    const folder = mkdtempSync(join(tmpdir(), "armature-faults-"));
    try {
      writeRows(join(folder, "rows.jsonl"), rows);
      const began = performance.now();
      const judging = async (out: string, budget: number, killAfter: number, seed: number) => {
        const { server, bill } = await faultyServer(seed);
        const args = [
          ...["rows.jsonl", "--out", `${out}.jsonl`, "--model", server.url, "--model-name", "words"],
          ...["--concurrency", String(CONCURRENCY), "--timeout", "3", "--retries", "2"],
          ...["--budget-tokens", String(budget)],
        ];
        const first = await judgeProcess(folder, args, bill, killAfter);
        const second = await judgeProcess(folder, args, bill);
        await server.close();
        const twice = [...bill.answered.values()].filter((times) => times > 1).length;
        const found = judgementFaults(join(folder, `${out}.jsonl`), rows);
        const { received, tokens } = bill;
        const sound =
          first.killed && second.code === 0 && found.missingOrTwice + found.wrong + found.countedAsZero === 0;
        return {
          ...found,
          requests: received,
          answeredTwice: twice,
          budget,
          billed: tokens,
          killed: first.killed,
          exitCode: second.code,
          holds: sound && twice <= CONCURRENCY && tokens <= budget,
        };
      };
      const enough = await judging("whole", 100_000_000, (rows * CRITERIA) / 2, SEED);
      // A third of what the first job was billed.
      const scarce = await judging("scarce", Math.round(enough.billed / 3), (rows * CRITERIA) / 8, SEED + 1);
      return {
        value: enough.missingOrTwice + enough.wrong + enough.countedAsZero,
        unit: "judgements missing, double or wrong",
        holds: enough.holds && scarce.holds && (scarce.failures["budget"] ?? 0) > 0,
        detail: {
          faults: FAULTS,
          concurrency: CONCURRENCY,
          seed: SEED,
          seconds: Math.round((performance.now() - began) / 1000),
          enough,
          scarce,
        },
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
