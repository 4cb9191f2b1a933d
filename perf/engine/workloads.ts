import type { SampleSettings } from "./sample-bench.ts";
import { NANO, SMOLLM2 } from "./shapes.ts";
import type { TrainSettings } from "./train-bench.ts";

/** A workload that both sides run, and the ratio to the peer that it must reach. */
export interface Workload<Settings> {
  readonly name: string;
  readonly settings: Omit<Settings, "threads">;
  readonly bar: number;
}

const plain = { prompt: 0, group: 1, loss: "cross_entropy", recompute: false } as const;

/** Rows of their own with a loss on every token. */
export const TRAINING: readonly Workload<TrainSettings>[] = [
  { name: "nano", settings: { ...NANO, ...plain, batch: 64, length: 96 }, bar: 1 },
  { name: "smollm2-135m lora", settings: { ...SMOLLM2, ...plain, batch: 2, length: 256 }, bar: 1.1 },
];

// 64 + 32 tokens: the last one is a target only.
const group = { prompt: 64, group: 8, length: 95, loss: "ppo", recompute: false } as const;

/** Groups of responses that share a prompt, with a loss on the responses. */
export const GROUP_UPDATE: readonly Workload<TrainSettings>[] = [
  { name: "nano", settings: { ...NANO, ...group, batch: 64 }, bar: 1.8 },
  { name: "smollm2-135m lora", settings: { ...SMOLLM2, ...group, batch: 8 }, bar: 1.8 },
];

/** Greedy continuations. */
export const SAMPLING: readonly Workload<SampleSettings>[] = [
  { name: "nano, batch 256", settings: { ...NANO, batch: 256, prompt: 32, new_tokens: 64 }, bar: 1.3 },
  { name: "smollm2-135m, batch 1", settings: { ...SMOLLM2, batch: 1, prompt: 32, new_tokens: 32 }, bar: 1.3 },
  {
    name: "smollm2-135m, batch 16",
    settings: { ...SMOLLM2, batch: 16, prompt: 32, new_tokens: 24 },
    bar: 1.6,
  },
];
