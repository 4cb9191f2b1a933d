import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Row } from "../row.ts";
import { runFingerprints } from "../sandbox/run-fingerprints.ts";
import { startRun, trainRun } from "../sandbox/train-run.ts";

const KILLS = 3;

const REWARD = "reward: {kind: sandbox-truth}";

const EVALUATION = [
  "evaluation.prompts=20",
  "evaluation.samples=1",
  "evaluation.every=2",
  "output.commitEvery=2",
];
const GRPO = ["steps=12", "promptsPerBatch=8", "groupSize=4", ...EVALUATION];
const SCALAR = [
  ...["data.pairs=96", "epochs=2", "pairsPerBatch=16", "output.commitEvery=3"],
  ...["evaluation.pairs=24", "evaluation.watchingPairs=12", "evaluation.everySteps=5"],
];
const ROUNDS = ["promptsPerRound=24", "epochs=1", "batchSize=8", ...EVALUATION];

/** Each method that trains or judges a policy, short enough to be run several times. */
const METHODS: readonly { name: string; recipe: string; settings: readonly string[] }[] = [
  { name: "grpo", recipe: `method: grpo\npreset: sandbox\n${REWARD}`, settings: GRPO },
  {
    name: "grpo, staleness 1",
    recipe: `method: grpo\npreset: sandbox\n${REWARD}`,
    settings: [...GRPO, "staleness=1"],
  },
  { name: "dpo", recipe: `method: dpo\npreset: sandbox\n${REWARD}`, settings: [...ROUNDS, "rounds=1"] },
  {
    name: "dpo, iterative",
    recipe: `method: dpo\npreset: iterative\n${REWARD}`,
    settings: [...ROUNDS, "rounds=2"],
  },
  {
    // A later epoch must find the reference that the first one measured.
    name: "dpo, given pairs, two epochs",
    recipe: `method: dpo\npreset: sandbox\n${REWARD}\npairs: {kind: sandbox, count: 24, heldOut: 10}`,
    settings: ["epochs=2", "batchSize=8", ...EVALUATION],
  },
  {
    name: "best-of-n",
    recipe: `method: best-of-n\npreset: sandbox\n${REWARD}`,
    settings: [...ROUNDS, "rounds=2"],
  },
  { name: "bradley-terry", recipe: "method: bradley-terry\npreset: sandbox", settings: SCALAR },
];

export const row: Row = {
  name: "policy-resume",
  what: "runs of each policy method and of the scalar reward killed with SIGKILL at three random moments and resumed each time, against unbroken ones",
  bar: "final weights, metrics, rollouts and evaluations equal byte for byte",
  async measure() {
    const methods = [];
    for (const method of METHODS) methods.push(await measureMethod(method));
    const different = methods.reduce((sum, method) => sum + method.different.length, 0);
    const killed = methods.reduce((sum, method) => sum + method.killed, 0);
    return {
      value: different,
      unit: "files that differ",
      holds: different === 0 && killed === KILLS * METHODS.length,
      detail: { killed, methods },
    };
  },
};

async function measureMethod({ name, recipe, settings }: (typeof METHODS)[number]) {
  const runs = mkdtempSync(join(tmpdir(), "armature-policy-resume-"));
  const file = join(runs, "recipe.yaml");
  writeFileSync(file, `${recipe}\n`);
  const whole = await trainRun(runs, "whole", settings, file);
  let killed = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = startRun(runs, "broken", settings, true, file);
    const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
    // Start-up included, so that kills fall into loading, evaluating, training and saving alike.
    const wait = 1000 * whole.seconds * (0.2 + 0.5 * Math.random());
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, wait))]);
    killed += Number(child.exitCode === null && child.signalCode === null);
    child.kill("SIGKILL");
    await ended;
  }
  const broken = await trainRun(runs, "broken", settings, file);
  const [one, other] = [runFingerprints(whole.folder), runFingerprints(broken.folder)];
  const different = [...new Set([...one.keys(), ...other.keys()])].filter(
    (path) => one.get(path) !== other.get(path),
  );
  process.stderr.write(`${name}: killed ${killed} times, ${different.length} files differ\n`);
  return { name, killed, compared: one.size, different };
}
