import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism, loadavg } from "node:os";
import { createInterface } from "node:readline";
import { programCommand } from "../engine/peer-python.ts";
import { threeDigits } from "../engine/speed-ratio.ts";
import { allInTurns, type Round } from "../engine/turns.ts";
import type { Measurement } from "../row.ts";
import { type JudgeSetting, SETTINGS } from "./judge-load.ts";
import { findJudgePeers, type JudgePeers } from "./judge-peers.ts";

const CRITERIA = 8;
const RESPONSES = Number(process.env["ARMATURE_PERF_RESPONSES"] ?? 256);
const WARM_ROUNDS = Number(process.env["ARMATURE_PERF_ROUNDS"] ?? 5);
const BARS = { callsPerSecond: 4000, shareOfIdeal: 0.9, overOpenAiPy: 8 } as const;

/** Calls a second of one contender in one setting. */
interface Speed {
  /** The first round of the process: loading, connecting and warming up included. */
  readonly cold: number;
  /** Median of the later rounds, with the slowest and the fastest. */
  readonly warm: number;
  readonly range: readonly [number, number];
  readonly cpuMicrosecondsPerCall: number;
  readonly peakMebibytes: number;
}

/**
 * Every contender makes the same calls in the same settings, in turns that rotate, pinned to one core; the mock judge has
 * another where there is one. The value is our rate at no latency and 64 under way.
 */
export async function measureJudgeOverhead(): Promise<Measurement> {
  const peers = await findJudgePeers();
  const settings: Record<string, Record<string, Speed>> = {};
  for (const setting of SETTINGS) settings[nameOf(setting)] = await measureSetting(setting, peers);
  const warm = (setting: JudgeSetting, name: string): number =>
    settings[nameOf(setting)]![name]?.warm ?? Number.NaN;
  const quick = [64, 256].map((concurrency) => warm({ latencyMs: 0, concurrency }, "armature"));
  const share =
    warm({ latencyMs: 50, concurrency: 64 }, "armature") / idealRate({ latencyMs: 50, concurrency: 64 });
  const python = ["openai-py", "rubric"].map((name) => warm({ latencyMs: 0, concurrency: 64 }, name));
  const overPython = quick[0]! / Math.max(...python.filter((rate) => !Number.isNaN(rate)));
  return {
    value: quick[0]!,
    unit: "judge calls/s at 0 ms and 64 under way",
    holds:
      Math.min(...quick) >= BARS.callsPerSecond &&
      share >= BARS.shareOfIdeal &&
      overPython >= BARS.overOpenAiPy,
    detail: {
      shareOfIdealAt50ms: threeDigits(share),
      overSharedClientPython: threeDigits(overPython),
      settings,
      ideal: Object.fromEntries(
        SETTINGS.filter(({ latencyMs }) => latencyMs > 0).map((s) => [nameOf(s), idealRate(s)]),
      ),
      calls: RESPONSES * CRITERIA,
      warmRounds: WARM_ROUNDS,
      versions: peers.versions,
      missing: peers.missing,
      loadAverage: loadavg().map(threeDigits),
    },
  };
}

async function measureSetting(
  setting: JudgeSetting,
  { programs }: JudgePeers,
): Promise<Record<string, Speed>> {
  const mock = await startMock(setting.latencyMs);
  try {
    const load = {
      baseUrl: mock.url,
      responses: RESPONSES,
      criteria: CRITERIA,
      concurrency: setting.concurrency,
      response: "word ".repeat(300),
    };
    const ours = {
      name: "armature",
      command: programCommand(new URL("./armature-judge.ts", import.meta.url)),
    };
    const contenders = [ours, ...programs].map((program) => ({ ...program, settings: load }));
    const rounds = await allInTurns(contenders, { rounds: WARM_ROUNDS + 1, warmup: 0, cores: "0" });
    const speeds = Object.fromEntries(contenders.map(({ name }, i) => [name, speedOf(rounds[i]!)]));
    const line = Object.entries(speeds).map(([name, { warm, cold }]) => `${name} ${warm} (cold ${cold})`);
    process.stderr.write(`${nameOf(setting)}: ${line.join(", ")} calls/s\n`);
    return speeds;
  } finally {
    mock.process.kill("SIGKILL");
  }
}

async function startMock(
  latencyMs: number,
): Promise<{ readonly url: string; readonly process: ChildProcess }> {
  const core = availableParallelism() > 1 ? "1" : "0";
  const [program, ...rest] = [
    "taskset",
    "-c",
    core,
    ...programCommand(new URL("./mock-judge.ts", import.meta.url)),
    String(latencyMs),
  ];
  const mock = spawn(program!, rest, { stdio: ["ignore", "pipe", "inherit"] });
  const [url] = (await once(createInterface(mock.stdout), "line")) as [string];
  return { url, process: mock };
}

function speedOf([first, ...later]: readonly Round[]): Speed {
  const rate = ({ tokens, seconds }: Round): number => Math.round(tokens / seconds);
  const rates = later.map(rate).sort((a, b) => a - b);
  const cpu = later.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  const calls = later.reduce((sum, { tokens }) => sum + tokens, 0);
  return {
    cold: rate(first!),
    warm: rates[Math.floor(rates.length / 2)]!,
    range: [rates[0]!, rates.at(-1)!],
    cpuMicrosecondsPerCall: Math.round((cpu / calls) * 1e6),
    peakMebibytes: Math.round(
      Math.max(first!.peakBytes, ...later.map(({ peakBytes }) => peakBytes)) / 2 ** 20,
    ),
  };
}

const nameOf = ({ latencyMs, concurrency }: JudgeSetting): string =>
  `${latencyMs} ms, ${concurrency} under way`;

const idealRate = ({ latencyMs, concurrency }: JudgeSetting): number => (concurrency * 1000) / latencyMs;
