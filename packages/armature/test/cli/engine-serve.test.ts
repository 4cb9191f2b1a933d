import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { armature, inScratchFolder } from "./command-line.ts";

// Starting a process takes seconds where the machine is busy.
vi.setConfig({ testTimeout: 240_000 });

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const scratch = inScratchFolder();

describe("armature engine serve", () => {
  it("serves a nano model with a key, and stops cleanly at Ctrl-C", async () => {
    const child = spawn(
      process.execPath,
      [
        ...["--import", "tsx", "--conditions=armature-source", "packages/armature/src/cli/main.ts"],
        ...[
          "engine",
          "serve",
          "--model",
          "base=models/nano-policy",
          "--port",
          "0",
          "--threads",
          "1",
          "--json",
        ],
        ...["--api-key-env", "SERVER_KEY", "--checkpoints", scratch.path],
      ],
      { cwd: root, env: { ...process.env, SERVER_KEY: "tml-secret" } },
    );
    try {
      const [line] = (await once(createInterface(child.stdout), "line")) as [string];
      const { models, url } = JSON.parse(line) as { models: string[]; url: string };
      expect(models).toEqual(["base"]);
      expect((await fetch(`${url}/v1/models`)).status).toBe(401);
      const headers = { "x-api-key": "tml-secret" };
      const list = (await (await fetch(`${url}/v1/models`, { headers })).json()) as {
        data: { id: string }[];
      };
      expect(list.data.map(({ id }) => id)).toEqual(["base"]);
      child.kill("SIGINT");
      expect(await once(child, "exit")).toEqual([0, null]);
    } finally {
      child.kill("SIGKILL");
    }
  });

  it.each([
    [["--model", "nothing"], "armature: FOLDER/nothing: no such model; give a Hugging Face folder"],
    [
      ["--model", "nothing", "--api-key-env", "UNSET"],
      "armature: --api-key-env UNSET: the variable is not set",
    ],
    [["--model", "nothing", "--port", "x"], "armature: "],
    [[], "armature: required option '--model <[name=]path>' not specified"],
    [
      ["--model", `${root}models/nano-policy`, "--host", "0.0.0.0"],
      "armature: host 0.0.0.0 can be reached from other machines; set an API key",
    ],
    [
      ["--model", `${root}models/nano-policy`, "--model", `${root}models/nano-policy`],
      "armature: two models are called nano-policy; give one another name",
    ],
  ])("with %j says in one line what to mend", async (args, message) => {
    const { code, stderr } = await armature(scratch.path, ["engine", "serve", ...args]);
    expect(code).not.toBe(0);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(message);
  });
});
