import { EventEmitter } from "node:events";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Interruption } from "../../run/interruption.ts";
import { SILENT_PROGRESS } from "../../run/progress.ts";
import { RowJournal } from "../../run/row-journal.ts";
import { type RowJob, runRowJob } from "./row-job.ts";

const newPath = (): string => join(mkdtempSync(join(tmpdir(), "armature-job-")), "job.jsonl");

function jobOf(rows: readonly string[], path: string, more: Partial<RowJob<string, string>> = {}) {
  const source = new EventEmitter();
  const interruption = new Interruption(() => undefined, source);
  const asked: string[] = [];
  const job: RowJob<string, string> = {
    ...{ rows, interruption, progress: SILENT_PROGRESS, phase: "test", concurrency: 2 },
    keyOf: (row) => row,
    work: async (row) => {
      asked.push(row);
      return row.toUpperCase();
    },
    isOpen: () => false,
    journal: RowJournal.open<string>(path, {}),
    metrics: () => ({}),
    ...more,
  };
  return { job, asked, stop: () => source.emit("SIGINT") };
}

describe("a job over rows", () => {
  test("does each row once, equal rows together, and gives results in order", async () => {
    const { job, asked } = jobOf(["a", "b", "a", "c"], newPath());
    expect(await runRowJob(job)).toEqual({
      results: ["A", "B", "A", "C"],
      resumed: 0,
      interrupted: false,
    });
    expect(asked).toEqual(["a", "b", "c"]);
  });

  test("goes on after an interruption, which lets what runs end and asks nothing twice", async () => {
    const path = newPath();
    const first = jobOf(["a", "b", "c", "d", "e"], path, { concurrency: 1 });
    const work = first.job.work;
    const stopped = await runRowJob({
      ...first.job,
      work: async (row, options) => {
        if (row === "b") first.stop();
        return work(row, options);
      },
    });
    expect(stopped).toEqual({
      results: ["A", "B", undefined, undefined, undefined],
      resumed: 0,
      interrupted: true,
    });
    first.job.journal!.close();
    const second = jobOf(["e", "b", "a", "c", "d"], path);
    expect(await runRowJob(second.job)).toEqual({
      results: ["E", "B", "A", "C", "D"],
      resumed: 2,
      interrupted: false,
    });
    expect(second.asked.toSorted()).toEqual(["c", "d", "e"]);
  });

  test("does not log what another start may mend, and throws what is no one's failure", async () => {
    const path = newPath();
    const { job } = jobOf(["a", "b"], path, { isOpen: (result) => result === "A" });
    await runRowJob(job);
    expect(readFileSync(path, "utf8")).not.toContain('"a"');
    expect(jobOf(["a"], path).job.journal!.get("b")).toBe("B");
    const broken = jobOf(["x"], path, { work: () => Promise.reject(new Error("a fault of ours")) });
    await expect(runRowJob(broken.job)).rejects.toThrow("a fault of ours");
  });
});
