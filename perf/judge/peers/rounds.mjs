/** The peers' half of the protocol of perf/engine/turns.ts, for programs that judge `responses` × `criteria` calls a round. */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** `prepare(settings)` gives `judge(criterion)`, which makes one call and returns its verdict: true for met. */
export async function serveRounds(prepare) {
  let settings;
  let judge;
  for await (const line of createInterface(process.stdin)) {
    if (judge === undefined) {
      settings = JSON.parse(line);
      judge = await prepare(settings);
      answer({ ready: true });
    } else if (line.trim() === "go") {
      const processor = process.cpuUsage();
      const began = performance.now();
      const calls = await round(judge, settings);
      const seconds = (performance.now() - began) / 1000;
      const { user, system } = process.cpuUsage(processor);
      const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
      answer({ seconds, cpu_seconds: (user + system) / 1e6, tokens: calls, peak_bytes: peak });
    } else break;
  }
}

/** Bounded by `concurrency`, for none of the peers bounds itself. */
async function round(judge, { responses, criteria, concurrency }) {
  const calls = responses * criteria;
  let next = 0;
  const worker = async () => {
    while (next < calls) {
      const met = await judge(next++ % criteria);
      if (met !== true) throw new Error(`a verdict is ${String(met)}; the mock judge says met`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return calls;
}

function answer(reply) {
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
