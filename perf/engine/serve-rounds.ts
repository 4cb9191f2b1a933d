import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/**
 * Our side's half of the protocol of `turns.ts`: reads settings as one JSON line, prepares, answers `{"ready"}`, and then does
 * one round per line "go". A round returns the tokens it processed; its wall and processor seconds and the peak of resident
 * memory so far are reported with them.
 */
export async function serveRounds<Settings>(
  prepare: (settings: Settings) => Promise<() => Promise<number>>,
): Promise<void> {
  let round: (() => Promise<number>) | undefined;
  for await (const line of createInterface(process.stdin)) {
    if (!round) {
      round = await prepare(JSON.parse(line) as Settings);
      answer({ ready: true });
    } else if (line.trim() === "go") {
      const processor = process.cpuUsage();
      const began = performance.now();
      const tokens = await round();
      const seconds = (performance.now() - began) / 1000;
      const { user, system } = process.cpuUsage(processor);
      answer({ seconds, cpu_seconds: (user + system) / 1e6, tokens, peak_bytes: peakResidentBytes() });
    } else break;
  }
}

/** `ru_maxrss` would do but for what a forked parent leaves in it. */
function peakResidentBytes(): number {
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
  return Number(peak![1]) * 1024;
}

function answer(reply: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
