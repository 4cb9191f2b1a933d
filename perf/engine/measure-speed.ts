import type { Measurement } from "../row.ts";
import { ourCommand, peerCommand, peerPython } from "./peer-python.ts";
import { type SpeedRatio, speedRatio } from "./speed-ratio.ts";
import { inTurns, type TurnOptions } from "./turns.ts";
import type { Workload } from "./workloads.ts";

/** Threads and cores: one thread on core 0; ARMATURE_PERF_THREADS asks for more, on as many cores. */
export function pinning(): { readonly threads: number; readonly cores: string } {
  const threads = Number(process.env["ARMATURE_PERF_THREADS"] ?? 1);
  if (!Number.isInteger(threads) || threads < 1)
    throw new Error(
      `ARMATURE_PERF_THREADS is ${process.env["ARMATURE_PERF_THREADS"]}; give an integer from 1`,
    );
  return { threads, cores: threads === 1 ? "0" : `0-${threads - 1}` };
}

/** Rounds of each contender: ARMATURE_PERF_ROUNDS, or as many as the row asks for. */
function rounds(asked: number): number {
  return Number(process.env["ARMATURE_PERF_ROUNDS"] ?? asked);
}

/** Compares our program with the peer's on each workload. The value is the median ratio that is closest to its bar, or furthest below. */
export async function measureSpeed(
  programs: { readonly ours: string; readonly peer: string },
  workloads: readonly Workload<unknown>[],
): Promise<Measurement> {
  const python = await peerPython();
  const { threads, cores } = pinning();
  const turns: TurnOptions = { rounds: rounds(9), warmup: 2, cores };
  const ratios: Record<string, SpeedRatio & { readonly bar: number }> = {};
  for (const { name, settings, bar } of workloads) {
    const told = { ...(settings as object), threads };
    const compared = await inTurns(
      { name: "armature", command: ourCommand(programs.ours), settings: told },
      { name: programs.peer, command: peerCommand(python, programs.peer), settings: told },
      turns,
    );
    const ratio = speedRatio(compared);
    ratios[name] = { ...ratio, bar };
    process.stderr.write(`${name}: ${ratio.ratio.median} times the peer, must be ${bar}\n`);
  }
  const worst = Object.values(ratios).reduce((a, b) =>
    b.ratio.median / b.bar < a.ratio.median / a.bar ? b : a,
  );
  return {
    value: worst.ratio.median,
    unit: "times the peer's tokens per second",
    holds: Object.values(ratios).every(({ ratio, bar }) => ratio.median >= bar),
    detail: { ratios, ...turns, threads, peer: { ...python.versions }, seeds: { weights: 0, tokens: 1 } },
  };
}
