import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalBackend } from "@armature/engine";
import { ProtocolServer } from "@armature/tinker/server";
import { pythonEnvironment, ROOT, runPython } from "./python-environment.ts";
import { tinyModel } from "./tiny-model.ts";

/** The newest version whose dependencies were all to be had when this was written. */
const COOKBOOK = "tinker-cookbook[math-rl]==0.5.8";

/** What one of the cookbook's minimal loops did against our server. */
export interface CookbookReport {
  readonly loop: "sl" | "rl";
  readonly metrics: readonly Readonly<Record<string, number>>[];
  readonly checkpoints: readonly Readonly<Record<string, unknown>>[];
}

/** Runs the cookbook's minimal supervised and RL loops, unchanged, on a tiny model behind our server. */
export async function runCookbook(): Promise<
  | readonly (CookbookReport | { readonly loop: string; readonly failed: string })[]
  | { readonly unavailable: string }
> {
  const environment = await pythonEnvironment("cookbook", [COOKBOOK]);
  if ("unavailable" in environment) return environment;
  const model = await tinyModel();
  const folder = mkdtempSync(join(tmpdir(), "armature-cookbook-"));
  // The loops load the tokenizer by the name of the base model.
  const backend = await LocalBackend.open([{ path: model, name: model }], { threads: 1 });
  const server = await ProtocolServer.start(backend, { checkpoints: join(folder, "checkpoints") });
  const settings = { TINKER_API_KEY: "tml-interop", TINKER_TELEMETRY: "0", HF_HUB_OFFLINE: "1" };
  const reports = [];
  try {
    for (const loop of ["sl", "rl"] as const) {
      const args = [
        join(ROOT, "tools/interop/cookbook_loops.py"),
        loop,
        model,
        server.url,
        join(folder, loop),
      ];
      try {
        const printed = await runPython(environment.python, args, settings);
        reports.push({ loop, ...(printed as Omit<CookbookReport, "loop">) });
      } catch (error) {
        reports.push({ loop, failed: (error as Error).message });
      }
    }
    return reports;
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
