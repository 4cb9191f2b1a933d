import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type RunWanted, trainedRun } from "../trained-run.ts";

const FILE = "processor-seconds.json";

/** Ticks a second of Linux's process times. */
const TICKS = 100;

/** A finished run as `trainedRun` gives it, with the processor time that it took beside it, unless it was there or went on. */
export function measuredRun(runs: string, wanted: RunWanted): string {
  const began = existsSync(join(runs, wanted.name));
  const before = childSeconds();
  const folder = trainedRun(runs, wanted);
  const after = childSeconds();
  if (!began && before !== null && after !== null)
    writeFileSync(join(folder, FILE), `${JSON.stringify({ seconds: after - before })}\n`);
  return folder;
}

/** Processor time of a run from start to end; null where it was not measured. */
export function processorSeconds(run: string): number | null {
  const file = join(run, FILE);
  if (!existsSync(file)) return null;
  return (JSON.parse(readFileSync(file, "utf8")) as { seconds: number }).seconds;
}

/** Processor time of this process's ended children (proc(5): cutime and cstime); null where the system does not say. */
function childSeconds(): number | null {
  if (!existsSync("/proc/self/stat")) return null;
  const stat = readFileSync("/proc/self/stat", "utf8");
  // The second field is a name in brackets, which may hold spaces; cutime is the 16th field, cstime the next one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / TICKS;
}
