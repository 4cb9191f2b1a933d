import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Row } from "../row.ts";
import { runFingerprints } from "../sandbox/run-fingerprints.ts";
import { startRun, trainRun } from "../sandbox/train-run.ts";

const KILLS = 10;

/** A short run of the sandbox with every kind of step in it. */
const SETTINGS = [
  "rounds=2",
  "pairsPerRound=96",
  "judge.pairsPerBatch=16",
  "generator.pairsPerBatch=16",
  "generator.passes=2",
  "evaluation.pairs=60",
  "evaluation.everyPhasePairs=30",
  "evaluation.votes=1",
  "output.commitEvery=2",
];

export const row: Row = {
  name: "resume",
  what: "a run killed with SIGKILL at ten random moments and resumed each time, against an uninterrupted one",
  bar: "final weights, metrics and rollouts equal byte for byte",
  async measure() {
    const runs = mkdtempSync(join(tmpdir(), "armature-resume-"));
    const whole = await trainRun(runs, "whole", SETTINGS);
    const moments = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const child = startRun(runs, "broken", SETTINGS, true);
      const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
      // Start-up included, so that kills fall into loading, evaluating, training and saving alike.
      const wait = 1000 * (2 + Math.random() * Math.max(4, (2 * whole.seconds) / KILLS));
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, wait))]);
      const alive = child.exitCode === null && child.signalCode === null;
      child.kill("SIGKILL");
      await ended;
      moments.push({ afterSeconds: wait / 1000, alive });
    }
    const broken = await trainRun(runs, "broken", SETTINGS);
    const [one, other] = [runFingerprints(whole.folder), runFingerprints(broken.folder)];
    const different = [...new Set([...one.keys(), ...other.keys()])].filter(
      (file) => one.get(file) !== other.get(file),
    );
    const killed = moments.filter(({ alive }) => alive).length;
    return {
      value: different.length,
      unit: "files that differ",
      holds: different.length === 0 && killed === KILLS,
      detail: { killed, moments, compared: one.size, different, settings: SETTINGS },
    };
  },
};
