import { openModel } from "@armature/engine";
import { sandboxWriter } from "../../packages/armature/src/policy/writer.ts";
import { policyPrompts } from "../../packages/armature/src/sandbox/policy-prompts.ts";
import { nanoModelPath } from "../../packages/armature/src/train/arm-models.ts";
import { pinning } from "../engine/measure-speed.ts";
import { peerCommand, peerPython, programCommand } from "../engine/peer-python.ts";
import { speedRatio } from "../engine/speed-ratio.ts";
import { inTurns } from "../engine/turns.ts";
import type { Measurement } from "../row.ts";
import type { GrpoBenchSettings } from "./grpo-bench.ts";

const ROUNDS = 9;
const WARM_UP = 3;

/** GRPO steps of the sandbox's policy by our loop and by TRL's trainer, in turns on one pinned core. */
export async function measureGrpoSpeed(): Promise<Measurement> {
  const python = await peerPython(["trl", "datasets", "accelerate"]);
  const { threads, cores } = pinning();
  const settings = benchSettings(threads);
  const compared = await inTurns(
    {
      name: "armature",
      command: programCommand(new URL("grpo-bench.ts", import.meta.url)),
      settings,
    },
    { name: "trl", command: peerCommand(python, "trl_grpo.py"), settings },
    { rounds: Number(process.env["ARMATURE_PERF_ROUNDS"] ?? ROUNDS), warmup: WARM_UP, cores },
  );
  const { ratio, cpuRatio, rounds } = speedRatio(compared);
  const { batch, group, length, learningRate, klBeta } = settings;
  const stepsPerSecond = (side: typeof compared.ours) =>
    side.map(({ seconds }) => Number((1 / seconds).toPrecision(3)));
  return {
    value: ratio.median,
    unit: "times the steps per second of TRL's GRPOTrainer",
    holds: ratio.median >= 3,
    detail: {
      ...{ ratio, cpuRatio, rounds, cores, threads },
      stepsPerSecond: { ours: stepsPerSecond(compared.ours), peer: stepsPerSecond(compared.peer) },
      step: { prompts: batch, responses: group, promptTokens: meanLength(settings), responseTokens: length },
      ...{ learningRate, klBeta, peer: python.versions },
    },
  };
}

function benchSettings(threads: number): GrpoBenchSettings {
  const model = nanoModelPath("policy");
  const { tokenizer, weights } = openModel(model);
  weights.close();
  const writer = sandboxWriter(40);
  const prompts = policyPrompts().train.map((prompt) => [...writer.prompt(prompt)]);
  return {
    ...{ model, threads, batch: 64, group: 6, length: 20, learningRate: 1e-4, klBeta: 0.02 },
    prompts: prompts.map((tokens) => tokens.map((token) => tokenizer.decode([token]))),
    prompts_as_tokens: prompts,
  };
}

function meanLength({ prompts }: GrpoBenchSettings): number {
  return prompts.reduce((sum, { length }) => sum + length, 0) / prompts.length;
}
