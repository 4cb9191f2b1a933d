import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RunDirectory, type RunState } from "./run-directory.ts";

const identity = { recipe: { seed: 1, judge: { klBeta: 0.4, groupSize: 7 } } };
const at = (position: number): RunState<number> => ({
  position,
  randomStates: { order: [1, 2, 3, 4] },
  checkpoints: {},
});

// Starting a process takes seconds where the machine is busy.
vi.setConfig({ testTimeout: 240_000 });

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "armature-run-"));
  path = join(folder, "r");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The message without the folder, which differs every time. */
function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message.replaceAll(path, "RUN");
  }
  return "no error";
}

describe("RunDirectory", () => {
  it("starts with nothing, commits, and resumes what was committed", () => {
    const run = RunDirectory.create<number>(path, identity);
    expect(run.state).toBeNull();
    run.appendMetrics({ step: 0, loss: Number.NaN });
    run.appendRollouts("judge", [{ text: "NaN" }]);
    run.commitState(at(1));
    run.appendMetrics({ step: 1, loss: 2 });
    run.appendRollouts("judge", [{ text: "not committed" }]);
    run.appendRollouts("generator", [{ text: "not committed" }]);
    run.close();

    const resumed = RunDirectory.open<number>(path, identity);
    expect(resumed.state).toMatchObject(at(1));
    expect(resumed.readMetrics()).toEqual([{ step: 0, loss: Number.NaN }]);
    expect(resumed.readRollouts("judge")).toEqual([{ text: "NaN" }]);
    expect(resumed.readRollouts("generator")).toEqual([]);
    const events = resumed.readEvents();
    expect(events.map(({ event }) => event)).toEqual(["started", "committed", "resumed"]);
    for (const { time } of events) expect(Date.parse(String(time))).not.toBeNaN();
    resumed.close();
  });

  it("begins again where nothing was ever committed", () => {
    const run = RunDirectory.create<number>(path, identity);
    run.appendMetrics({ step: 0 });
    run.close();
    const again = RunDirectory.start<number>(path, identity);
    expect(again.state).toBeNull();
    expect(again.readMetrics()).toEqual([]);
    again.close();
  });

  it("keeps exactly what a run killed at any moment had committed, and goes on from there", async () => {
    const total = 120;
    const script = fileURLToPath(new URL("../../test/run/appending-process.ts", import.meta.url));
    const start = () =>
      spawn(process.execPath, ["--import", "tsx", script, path, String(total)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
    let kills = 0;
    for (const delay of [0, 5, 20]) {
      const child = start();
      await once(child.stdout, "data");
      await new Promise((resolve) => setTimeout(resolve, delay));
      child.kill("SIGKILL");
      const [, signal] = (await once(child, "exit")) as [number | null, string | null];
      if (signal === "SIGKILL") kills++;
    }
    expect(kills).toBeGreaterThan(0);
    const [code] = (await once(start(), "exit")) as [number];
    expect(code).toBe(0);

    const run = RunDirectory.open<number>(path, { recipe: { seed: 1 } });
    const steps = Array.from({ length: total }, (_, step) => step);
    expect(run.readMetrics()).toEqual(steps.map((step) => ({ step, loss: step / 7 })));
    for (const parity of [0, 1]) {
      const rollouts = run.readRollouts<{ step: number; text: string }>(`part-${parity}`);
      expect(rollouts.map((rollout) => rollout.step)).toEqual(steps.filter((step) => step % 2 === parity));
      for (const { step, text } of rollouts) expect(text).toHaveLength(5 * (2000 + step));
    }
    run.close();
  });

  it("refuses another recipe or other input files and names the key", () => {
    RunDirectory.create(path, { ...identity, inputs: { "data.train": "aa" } }).close();
    const changed = {
      recipe: { seed: 2, judge: { klBeta: 0.3, groupSize: 7 } },
      inputs: { "data.train": "aa" },
    };
    expect(messageOf(() => RunDirectory.open(path, changed))).toMatchInlineSnapshot(
      `"RUN: this run was begun with judge.klBeta = 0.4, now it is 0.3 (and 1 more: seed); restore it, choose another --name, or start over with --fresh"`,
    );
    expect(
      messageOf(() => RunDirectory.open(path, { ...identity, inputs: { "data.train": "bb" } })),
    ).toMatchInlineSnapshot(
      `"RUN: this run was begun with inputs.data.train = "aa", now it is "bb"; restore it, choose another --name, or start over with --fresh"`,
    );
    // Key order is not a difference, and a refusal leaves no lock behind.
    const reordered = {
      inputs: { "data.train": "aa" },
      recipe: { judge: { groupSize: 7, klBeta: 0.4 }, seed: 1 },
    };
    RunDirectory.open(path, reordered).close();
  });

  it("refuses damage: a log shorter than committed, a state that is no JSON", () => {
    const run = RunDirectory.create<number>(path, identity);
    run.appendMetrics({ step: 0 });
    run.commitState(at(1));
    run.close();
    truncateSync(join(path, "metrics.jsonl"), 4);
    expect(messageOf(() => RunDirectory.open(path, identity))).toMatchInlineSnapshot(
      `"RUN/metrics.jsonl: 4 bytes, but the last commit recorded 11: the file was changed after it was written; start over with --fresh or under another --name"`,
    );
    writeFileSync(join(path, "state.json"), "{");
    expect(messageOf(() => RunDirectory.open(path, identity))).toContain(
      "RUN/state.json: not readable as JSON",
    );
  });

  it("removes only what is a run, and never writes into a folder that is something else", () => {
    mkdirSync(path);
    writeFileSync(join(path, "thesis.md"), "mine");
    expect(messageOf(() => RunDirectory.remove(path))).toMatchInlineSnapshot(
      `"RUN: not a run directory, left as it is"`,
    );
    expect(messageOf(() => RunDirectory.start(path, identity, { fresh: true }))).toMatchInlineSnapshot(
      `"RUN: holds thesis.md and is no new run; choose another --name"`,
    );
    expect(readdirSync(path)).toEqual(["thesis.md"]);
  });

  it("starts afresh when told to", () => {
    const run = RunDirectory.create<number>(path, identity);
    run.appendMetrics({ step: 0 });
    run.commitState(at(1));
    run.close();
    const again = RunDirectory.start<number>(path, { recipe: { seed: 9 } }, { fresh: true });
    expect(again.state).toBeNull();
    expect(again.readMetrics()).toEqual([]);
    again.close();
  });

  it("keeps the checkpoints that are named and removes the others", () => {
    const run = RunDirectory.create(path, identity);
    for (const name of ["a", "b", "c"]) mkdirSync(run.checkpointPath(name));
    run.keepCheckpoints(["b"]);
    expect(readdirSync(join(path, "checkpoints"))).toEqual(["b"]);
    run.close();
  });

  it.skipIf(!existsSync("/dev/full"))("says what to do when the disk is full", () => {
    const run = RunDirectory.create(path, identity);
    symlinkSync("/dev/full", join(path, "metrics.jsonl"));
    expect(messageOf(() => run.appendMetrics({ step: 0 }))).toMatchInlineSnapshot(
      `"RUN/metrics.jsonl: the disk is full; free some space and run the same command again, it goes on from the last commit"`,
    );
    run.close();
  });
});

describe("the lock", () => {
  it("keeps a second opener out until the first is closed", () => {
    const run = RunDirectory.create(path, identity);
    expect(messageOf(() => RunDirectory.open(path, identity)).replace(/\d+/, "PID")).toMatchInlineSnapshot(
      `"RUN: in use by process PID; wait for it, or stop it first"`,
    );
    expect(messageOf(() => RunDirectory.remove(path))).toContain("in use by process");
    run.close();
    RunDirectory.open(path, identity).close();
    expect(existsSync(join(path, "lock"))).toBe(false);
  });

  it("is taken over from a dead process, from an earlier process with the same pid, and from a half-written file", () => {
    RunDirectory.create(path, identity).close();
    const dead = { pid: 2 ** 22 + 1, host: hostname(), started: null };
    const reused = { pid: process.pid, host: hostname(), started: "1" };
    const locks = [
      JSON.stringify(dead),
      "",
      ...(process.platform === "linux" ? [JSON.stringify(reused)] : []),
    ];
    for (const lock of locks) {
      writeFileSync(join(path, "lock"), lock);
      RunDirectory.open(path, identity).close();
    }
  });

  it("is not taken from another machine", () => {
    RunDirectory.create(path, identity).close();
    writeFileSync(join(path, "lock"), JSON.stringify({ pid: 1, host: "elsewhere", started: null }));
    expect(messageOf(() => RunDirectory.open(path, identity))).toMatchInlineSnapshot(
      `"RUN: locked by process 1 on elsewhere; if nothing runs there any more, delete RUN/lock"`,
    );
  });
});

it("cuts a half-written line away", () => {
  const run = RunDirectory.create<number>(path, identity);
  run.appendMetrics({ step: 0 });
  run.commitState(at(1));
  run.close();
  appendFileSync(join(path, "metrics.jsonl"), '{"step":1,"lo');
  const resumed = RunDirectory.open<number>(path, identity);
  expect(readFileSync(join(path, "metrics.jsonl"), "utf8")).toBe('{"step":0}\n');
  resumed.close();
});
