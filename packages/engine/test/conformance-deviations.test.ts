import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runConformance } from "@armature/tinker/conformance";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LocalEngine } from "../src/index.ts";
import { type Deviation, deviant, meanReduction, reweighted } from "./deviant-model.ts";
import { TINY_MODEL } from "./tiny-model.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-deviations-"));
let engine: LocalEngine;
beforeAll(async () => {
  engine = await LocalEngine.open(TINY_MODEL, { threads: 1 });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

describe("the conformance suite finds", () => {
  it.each<[string, Deviation, number[]]>([
    ["a mean in place of a sum", { data: meanReduction }, [2, 3, 4]],
    ["weights without their sign", { data: (d) => d.map((x) => reweighted(x, (r) => r.map(Math.abs))) }, [3]],
    [
      "thresholds as distances from 1",
      {
        loss: (l) =>
          l.name === "ppo" ? { ...l, config: { clip_low_threshold: 0, clip_high_threshold: 2.2 } } : l,
      },
      [5],
    ],
    [
      "cispo computed as importance sampling",
      { loss: (l) => (l.name === "cispo" ? { name: "importance_sampling" } : l) },
      [5],
    ],
    ["a fixed β1", { adam: (a) => ({ ...a, beta1: 0.8 }) }, [6]],
    ["a fixed β2", { adam: (a) => ({ ...a, beta2: 0.8 }) }, [6]],
    ["no clipping", { adam: (a) => ({ ...a, grad_clip_norm: 0 }) }, [6]],
    ["no decay", { adam: (a) => ({ ...a, weight_decay: 0 }) }, [6]],
    ["a load that forgets the optimizer", { optimizer: false }, [9]],
    ["a load that always brings the optimizer", { optimizer: true }, [9]],
    ["a sampler that follows its model", { followingSampler: true }, [12]],
  ])("%s", async (_, deviation, expected) => {
    const lora = { rank: 4, alpha: 8, attention: true, mlp: true, head: true };
    const report = await runConformance(
      {
        name: "deviant",
        createModel: async (seed) =>
          deviant(await engine.createModel({ lora: { ...lora, seed }, checkpoints: folder }), deviation),
      },
      { groups: expected },
    );
    const failing = report.groups.filter(({ passes }) => !passes).map(({ number }) => number);
    expect(failing).toEqual(expected);
  });
});
