import type { Measurement } from "../row.ts";
import { pinning } from "./measure-speed.ts";
import { ourCommand, peerCommand, peerPython } from "./peer-python.ts";
import { threeDigits } from "./speed-ratio.ts";
import { peakMemory } from "./turns.ts";
import { TRAINING } from "./workloads.ts";

/** Peaks are those of the whole process, runtime and libraries included, after as many rounds: later ones no longer grow. */
const ROUNDS = 4;
const BAR = 0.75;

/**
 * Peak memory of our training runs over PyTorch's. The value is the larger of the two shapes, without recomputation, as
 * recipes train; what recomputation saves on either side is in the detail.
 */
export async function measureMemory(): Promise<Measurement> {
  const python = await peerPython();
  const { threads, cores } = pinning();
  const ratios: Record<string, Readonly<Record<"plain" | "recomputing", number>>> = {};
  const mebibytes: Record<string, Record<string, number>> = {};
  for (const { name, settings } of TRAINING) {
    const peak = async (command: readonly string[], recompute: boolean) => {
      const contender = { name: command.join(" "), command, settings: { ...settings, recompute, threads } };
      return peakMemory(contender, ROUNDS, cores);
    };
    const ours = ourCommand("train-bench.ts");
    const peer = peerCommand(python, "torch_train.py");
    const peaks = {
      ours: await peak(ours, false),
      oursRecomputing: await peak(ours, true),
      pytorch: await peak(peer, false),
      pytorchRecomputing: await peak(peer, true),
    };
    mebibytes[name] = Object.fromEntries(
      Object.entries(peaks).map(([key, bytes]) => [key, Math.round(bytes / 2 ** 20)]),
    );
    ratios[name] = {
      plain: threeDigits(peaks.ours / peaks.pytorch),
      recomputing: threeDigits(peaks.oursRecomputing / peaks.pytorchRecomputing),
    };
    process.stderr.write(`${name}: ${ratios[name].plain} of the peer's peak, must be at most ${BAR}\n`);
  }
  const value = Math.max(...Object.values(ratios).map(({ plain }) => plain));
  return {
    value,
    unit: "of PyTorch's peak",
    holds: value <= BAR,
    detail: {
      setting: "recompute off, as recipes train",
      ratios,
      mebibytes,
      rounds: ROUNDS,
      threads,
      peer: python.versions,
    },
  };
}
