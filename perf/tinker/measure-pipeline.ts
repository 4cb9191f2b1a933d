import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { FaultProxy } from "../../packages/tinker/test/fault-proxy.ts";
import { pythonEnvironment } from "../../tools/interop/python-environment.ts";
import type { Measurement } from "../row.ts";
import { NanoServer } from "./nano-server.ts";

const SDK = "0.38.0";
const STEPS = 100;
const LATENCY_MS = 50;
const MODES = ["sequential", "pipelined"] as const;
const SPEEDUP = 1.8;
const CPU_SHARE = 0.5;

interface ClientRun {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly loss: number;
  readonly requests: number;
}

/** Our client and the official SDK, each sequential and pipelined, over the same server behind a proxy that adds latency. */
export async function measurePipeline(): Promise<Measurement> {
  const environment = await pythonEnvironment(`tinker-${SDK}`, [`tinker==${SDK}`]);
  if ("unavailable" in environment) throw new Error(`no SDK to compare with: ${environment.unavailable}`);
  const server = await NanoServer.start();
  const proxy = await FaultProxy.start(
    () => server.url,
    { latencyMs: LATENCY_MS },
    () => 1,
  );
  const runs: Record<string, ClientRun> = {};
  try {
    for (const mode of MODES) {
      const ours = [
        process.execPath,
        "--import",
        "tsx",
        "--conditions=armature-source",
        fileURLToPath(new URL("./pipeline-client.ts", import.meta.url)),
      ];
      const peer = [
        environment.python,
        fileURLToPath(new URL("../peers/tinker_pipeline.py", import.meta.url)),
      ];
      for (const [name, command] of [
        ["ours", ours],
        ["sdk", peer],
      ] as const) {
        process.stderr.write(`  ${name} ${mode}\n`);
        runs[`${name} ${mode}`] = await runClient([...command, proxy.url, mode, String(STEPS)], proxy);
      }
    }
  } finally {
    await proxy.close();
    await server.close();
  }
  const perRequest = (name: string) => (1000 * runs[name]!.cpuSeconds) / runs[name]!.requests;
  const ratio = (name: string) => runs[`${name} sequential`]!.seconds / runs[`${name} pipelined`]!.seconds;
  const cpuShare = Math.max(...MODES.map((mode) => perRequest(`ours ${mode}`) / perRequest(`sdk ${mode}`)));
  const losses = new Set(Object.values(runs).map(({ loss }) => loss.toPrecision(6)));
  return {
    value: ratio("ours"),
    unit: "times the steps per second of the sequential client",
    holds: ratio("ours") >= SPEEDUP && cpuShare <= CPU_SHARE && losses.size === 1,
    detail: {
      steps: STEPS,
      latencyMs: LATENCY_MS,
      sdk: SDK,
      speedupOfSdk: ratio("sdk"),
      cpuShareOfSdk: cpuShare,
      cpuMsPerRequest: Object.fromEntries(Object.keys(runs).map((name) => [name, perRequest(name)])),
      runs,
    },
  };
}

/** Processor time and requests from the line `begin` to the end. */
async function runClient([command, ...args]: readonly string[], proxy: FaultProxy): Promise<ClientRun> {
  const child = spawn(command!, args, { stdio: ["ignore", "pipe", "pipe"] });
  let noise = "";
  child.stderr.on("data", (part: Buffer) => {
    noise = (noise + part.toString()).slice(-2000);
  });
  let before = 0;
  let result: ClientRun | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "begin") before = proxy.counts.requests;
    else if (line.startsWith("{"))
      result = { ...(JSON.parse(line) as ClientRun), requests: proxy.counts.requests - before };
  }
  if (!result) throw new Error(`${command} ${args.join(" ")} gave no result: ${noise}`);
  return result;
}
