import { SeededStream } from "@armature/engine";
import {
  type ClientEvent,
  completionDatum,
  type Datum,
  type HttpTrainingModel,
  ServiceClient,
  TinkerError,
  trainStep,
} from "@armature/tinker";
import { FaultProxy, type Faults } from "../../packages/tinker/test/fault-proxy.ts";
import type { Measurement } from "../row.ts";
import { NanoServer } from "./nano-server.ts";

const STEPS = 60;
const SAVE_EVERY = 10;
/** In flight at once: enough that faults hit requests in every state. */
const AHEAD = 4;
const FAULTS: Faults = { dropped: 0.1, failedPolls: 0.05, bursts: 0.01, burstLength: 5 };
const LIMITS = { pauseMs: 20, longestPauseMs: 500, attempts: 25 };
const ADAM = { learning_rate: 0.003, eps: 1e-8 };

const datum = (step: number): Datum => {
  const tokens = Array.from({ length: 6 }, (_, i) => 3 + ((step * 7 + i * 5) % 40));
  return completionDatum(tokens.slice(0, 2), tokens.slice(2), { weights: [1, 1, -0.5, 1] });
};
/** All weights of the adapter show in the logprobs of these. */
const PROBES = Array.from({ length: 8 }, (_, i) => datum(100 + i));

interface Run {
  readonly logprobs: readonly number[];
  readonly recoveries: readonly string[];
}

/** Trains pipelined, saves every few steps, and goes on from the last checkpoint after an error that cannot be retried. */
async function train(model: HttpTrainingModel, onStep: (step: number) => Promise<void>): Promise<Run> {
  let saved: { readonly path: string; readonly step: number } | undefined;
  const recoveries: string[] = [];
  for (let step = 0; step < STEPS; ) {
    try {
      step = await steps(
        model,
        step,
        async (path, at) => {
          saved = { path, step: at };
        },
        onStep,
      );
    } catch (error) {
      if (!TinkerError.isInstance(error) || !saved) throw error;
      recoveries.push(error.message);
      await model.loadState(saved.path, { optimizer: true }).result;
      step = saved.step;
    }
  }
  const { logprobs } = await model.forward(PROBES).result;
  return { logprobs: logprobs.flatMap((row) => [...row]), recoveries };
}

async function steps(
  model: HttpTrainingModel,
  from: number,
  onSaved: (path: string, step: number) => Promise<void>,
  onStep: (step: number) => Promise<void>,
): Promise<number> {
  const flying: Promise<unknown>[] = [];
  for (let step = from; step < STEPS; step++) {
    flying.push(trainStep(model, [datum(step)], { name: "cross_entropy" }, ADAM).result);
    await onStep(step);
    if (flying.length >= AHEAD) await flying.shift();
    if ((step + 1) % SAVE_EVERY === 0) {
      const { path } = await model.saveState(`step-${step + 1}`).result;
      await onSaved(path, step + 1);
    }
  }
  await Promise.all(flying);
  return STEPS;
}

async function run(
  url: string,
  onStep: (step: number) => Promise<void>,
  onEvent: (event: ClientEvent) => void,
) {
  const client = await ServiceClient.connect({ url, limits: LIMITS, onEvent });
  const model = await client.createModel({ lora: { rank: 8, seed: 3 } });
  try {
    return await train(model, onStep);
  } finally {
    await model.dispose();
    client.close();
  }
}

/** A clean run, then the same behind a proxy that breaks things and over a server that is started anew in the middle. */
export async function measureFaults(): Promise<Measurement> {
  const server = await NanoServer.start();
  const random = new SeededStream(6, "protocol-faults");
  const proxy = await FaultProxy.start(
    () => server.url,
    FAULTS,
    () => random.next(),
  );
  try {
    const clean = await run(
      server.url,
      async () => undefined,
      () => undefined,
    );
    const events = { retry: 0, resubmit: 0 };
    const count = ({ type }: ClientEvent) => {
      if (type === "retry" || type === "resubmit") events[type]++;
    };
    const faulty = await run(proxy.url, async () => undefined, count);
    const before = { ...proxy.counts };
    let restarted = false;
    const broken = await run(
      proxy.url,
      async (step) => {
        if (step !== Math.floor(STEPS * 0.55) || restarted) return;
        restarted = true;
        await server.restart();
      },
      count,
    );
    const gaps = [faulty, broken].map(({ logprobs }) =>
      Math.max(...logprobs.map((p, i) => Math.abs(p - clean.logprobs[i]!))),
    );
    const named = broken.recoveries.every((text) => /\d+ optimizer steps are known to be applied/.test(text));
    const holds =
      gaps.every((gap) => gap === 0) &&
      faulty.recoveries.length === 0 &&
      broken.recoveries.length > 0 &&
      named;
    return {
      value: Math.max(...gaps),
      unit: "largest difference of final logprobs",
      holds,
      detail: {
        steps: STEPS,
        faults: FAULTS,
        withoutRestart: before,
        all: proxy.counts,
        events,
        withoutRestartRecoveries: faulty.recoveries.length,
        restartRecoveries: broken.recoveries,
      },
    };
  } finally {
    await proxy.close();
    await server.close();
  }
}
