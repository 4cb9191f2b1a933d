import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalBackend } from "@armature/engine";
import { ServiceClient } from "@armature/tinker";
import { ProtocolServer } from "@armature/tinker/server";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { stopAfter } from "../../test/run/stop-after.ts";
import { loadRecipe } from "../config/load-recipe.ts";
import type { ArmRecipe } from "../config/recipe-schema.ts";
import { SILENT_PROGRESS } from "../run/progress.ts";
import { RunDirectory } from "../run/run-directory.ts";
import { nanoModelPath, openArmModels } from "./arm-models.ts";
import { runArm } from "./arm-run.ts";

// Three runs in one test, which take long where the machine is busy.
vi.setConfig({ testTimeout: 240_000 });

const TINY = [
  "rounds=1",
  "pairsPerRound=8",
  "judge.pairsPerBatch=8",
  "judge.groupSize=2",
  "generator.pairsPerBatch=8",
  "generator.groupSize=2",
  "generator.passes=1",
  "generator.minibatches=1",
  "evaluation.pairs=3",
  "evaluation.everyPhasePairs=2",
  "evaluation.votes=1",
  "output.commitEvery=1",
  "model.threads=1",
];

const folder = mkdtempSync(join(tmpdir(), "armature-server-run-"));
/** A busy machine takes long to start a thread. */
const STARTING = 120_000;

let server: ProtocolServer;
beforeAll(async () => {
  const models = (["generator", "judge"] as const).map((player) => ({ path: nanoModelPath(player) }));
  const backend = await LocalBackend.open(models, { threads: 1, logprobs: "weighted" });
  server = await ProtocolServer.start(backend, { checkpoints: join(folder, "served") });
}, STARTING);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function recipe(settings: readonly string[]): ArmRecipe {
  const file = join(folder, "recipe.yaml");
  writeFileSync(file, "method: arm\npreset: sandbox\n");
  return loadRecipe(file, [...TINY, ...settings], folder).recipe as ArmRecipe;
}

async function train(name: string, settings: readonly string[], stopAt = Number.POSITIVE_INFINITY) {
  const run = RunDirectory.start(join(folder, name), { recipe: recipe(settings) });
  const interruption = stopAfter(stopAt);
  try {
    const resolve = (path: string) => path;
    return await runArm({ recipe: recipe(settings), resolve, run, progress: SILENT_PROGRESS, interruption });
  } finally {
    run.close();
  }
}

const metricsOf = (name: string) => readFileSync(join(folder, name, "metrics.jsonl"), "utf8");

describe("a recipe against a server", () => {
  it("gives the metrics of the run in process, also where it was interrupted", async () => {
    const remote = [`model.url=${server.url}`];
    expect((await train("local", [])).status).toBe("finished");
    expect((await train("remote", remote, 1)).status).toBe("interrupted");
    expect((await train("remote", remote)).status).toBe("finished");
    expect(metricsOf("remote")).toBe(metricsOf("local"));
    // The server keeps the checkpoints that the run kept, and no others.
    const client = await ServiceClient.connect({ url: server.url });
    const kept = readdirSync(join(folder, "remote", "checkpoints"))
      .map((name) => join(folder, "remote", "checkpoints", name, "server-checkpoint.json"))
      .filter((file) => existsSync(file))
      .map((file) => (JSON.parse(readFileSync(file, "utf8")) as { path: string }).path);
    const served: string[] = [];
    for await (const run of client.checkpoints.runs())
      for (const { tinker_path } of await client.checkpoints.list(run.training_run_id))
        served.push(tinker_path);
    client.close();
    expect(served).toEqual(expect.arrayContaining(kept));
  });

  it.each([["model.url=http://10.0.0.1:1", "model.url http://10.0.0.1:1: "]])(
    "says where a server cannot be used: %s",
    async (setting, message) => {
      process.env["TINKER_API_KEY"] = "tml-test";
      try {
        await expect(openArmModels(recipe([setting]), (path) => path, folder)).rejects.toThrow(message);
      } finally {
        delete process.env["TINKER_API_KEY"];
      }
    },
  );

  it("names the models that the server has where it lacks the recipe's", async () => {
    const other = recipe([`model.url=${server.url}`, "model.judge=models/my-judge"]);
    await expect(openArmModels(other, (path) => path, folder)).rejects.toThrow(
      /base model my-judge: the server offers nano-generator, nano-judge/,
    );
  });
});
