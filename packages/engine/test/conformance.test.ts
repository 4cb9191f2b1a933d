import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { printConformance, runConformance } from "@armature/tinker/conformance";
import { afterAll, beforeAll, expect, it } from "vitest";
import { LocalEngine } from "../src/index.ts";
import { TINY_MODEL } from "./tiny-model.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-conformance-"));
let engine: LocalEngine;
beforeAll(async () => {
  engine = await LocalEngine.open(TINY_MODEL, { threads: 1 });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

it("the engine in process keeps to the training protocol in all 14 groups", async () => {
  const lora = { rank: 4, alpha: 8, attention: true, mlp: true, head: true };
  const report = await runConformance({
    name: "engine in process",
    createModel: (seed) => engine.createModel({ lora: { ...lora, seed }, checkpoints: folder }),
  });
  expect(report.groups).toHaveLength(14);
  expect(
    report.groups.filter(({ passes }) => !passes),
    printConformance(report),
  ).toEqual([]);
});
