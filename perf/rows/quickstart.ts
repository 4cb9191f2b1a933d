import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Row } from "../row.ts";
import { summaryRow, trainRun } from "../sandbox/train-run.ts";

const SEEDS = [0, 1, 2];
const MINUTES = 6;
const POINTS = 15;

export const row: Row = {
  name: "quickstart",
  what: "Rubric-ARM in the sandbox: minutes, and accuracy gained on 1,000 held-out pairs in both orders, three seeds",
  bar: `each run under ${MINUTES} minutes; mean gain at least ${POINTS} points; each seed's 95 % interval above 0`,
  async measure() {
    const runs = mkdtempSync(join(tmpdir(), "armature-quickstart-"));
    const seeds = [];
    for (const seed of SEEDS) {
      const { report, seconds } = await trainRun(runs, `seed-${seed}`, [`seed=${seed}`]);
      const accuracy = summaryRow(report, "accuracy");
      const share = (name: string) => {
        const { before, after } = summaryRow(report, name);
        return { before: before?.value, after: after.value };
      };
      seeds.push({
        seed,
        minutes: seconds / 60,
        before: accuracy.before!.value,
        after: accuracy.after.value,
        gain: accuracy.change!,
        precision: share("rubric-precision"),
        recall: share("rubric-recall"),
        firstWins: share("first-wins"),
        orderAgreement: share("order-agreement"),
        principleVerdicts: share("verdicts-principles"),
        oracleRubric: share("accuracy-oracle-rubric"),
        staticRubric: share("accuracy-static-rubric"),
      });
    }
    const gain = (100 * seeds.reduce((sum, each) => sum + each.gain.value, 0)) / seeds.length;
    const minutes = Math.max(...seeds.map((each) => each.minutes));
    const holds = minutes < MINUTES && gain >= POINTS && seeds.every((each) => each.gain.low! > 0);
    return { value: gain, unit: "points of accuracy", holds, detail: { slowestMinutes: minutes, seeds } };
  },
};
