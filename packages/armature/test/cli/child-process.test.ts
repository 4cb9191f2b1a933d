import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it, vi } from "vitest";
import { finished, MAIN, startProcess } from "./processes.ts";

// Starting a process takes seconds where the machine is busy.
vi.setConfig({ testTimeout: 240_000 });

const folder = mkdtempSync(join(tmpdir(), "armature-process-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "recipe.yaml"), "method: arm\npreset: sandbox\n");

const SLOW_TRAINING = fileURLToPath(new URL("slow-training.ts", import.meta.url));

const start = (script: string, args: readonly string[]) => startProcess(folder, script, args);

describe("the program as a process", () => {
  it("exits with 0 and help on stdout, with 2 and one line on stderr", async () => {
    const help = await finished(start(MAIN, ["--help"]));
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toContain("Usage: armature");
    const badKey = await finished(start(MAIN, ["train", "recipe.yaml", "--set", "judge.klbeta=1"]));
    expect(badKey).toEqual({
      code: 2,
      stdout: "",
      stderr: "armature: --set judge.klbeta=1: unknown key judge.klbeta; did you mean klBeta?\n",
    });
    const missing = await finished(start(MAIN, ["train", "none.yaml"]));
    expect(missing).toEqual({
      code: 2,
      stdout: "",
      stderr: "armature: none.yaml: no such recipe; check the path\n",
    });
  });

  it("is no failure where the reader of its output leaves early", async () => {
    const child = start(MAIN, ["sandbox", "pairs", "--count", "5000"]);
    child.stdout!.once("data", () => child.stdout!.destroy());
    let stderr = "";
    child.stderr!.on("data", (part) => (stderr += part));
    const [code] = (await once(child, "exit")) as [number | null];
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it.skipIf(process.platform === "win32")(
    "saves at the first Ctrl-C, exits with 130, and goes on from there",
    async () => {
      const metrics = () =>
        readFileSync(join(folder, "runs", "slow", "metrics.jsonl"), "utf8")
          .trimEnd()
          .split("\n")
          .map((line) => (JSON.parse(line) as { step: number }).step);
      let before = 0;
      for (let session = 0; session < 2; session++) {
        const child = start(SLOW_TRAINING, ["train", "recipe.yaml", "--name", "slow"]);
        const ended = finished(child);
        await once(child.stderr!, "data");
        child.kill("SIGINT");
        const { code, stdout, stderr } = await ended;
        expect(code).toBe(130);
        expect(stdout).toBe("saved in runs/slow; the same command goes on from here\n");
        expect(stderr).toContain("stopping after this step and saving");
        const steps = metrics();
        expect(steps.length).toBeGreaterThan(before);
        expect(steps).toEqual(steps.map((_, i) => i));
        before = steps.length;
      }
    },
  );
});
