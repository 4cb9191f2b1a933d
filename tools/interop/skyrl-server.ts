import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pythonEnvironment } from "./python-environment.ts";

/** SkyRL needs `typing.TypedDict` as of Python 3.12. */
const PYTHONS = ["python3.12", "python3.13"];
const SKYRL = "skyrl[tinker,jax]==0.3.0";

/** SkyRL's training server on this machine's processor. */
export interface SkyrlServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts SkyRL's server over a model folder, or says why it cannot be had. The first start installs several GB from PyPI. */
export async function startSkyrl(model: string): Promise<SkyrlServer | { readonly unavailable: string }> {
  const environment = await pythonEnvironment("skyrl", [SKYRL], PYTHONS);
  if ("unavailable" in environment) return environment;
  const folder = mkdtempSync(join(tmpdir(), "armature-skyrl-"));
  const log = createWriteStream(join(folder, "log.txt"));
  const port = await freePort();
  const launcher = launcherIn(folder);
  const child = spawn(
    launcher,
    [
      ...["run", "-m", "skyrl.tinker.api", "--host", "127.0.0.1", "--port", String(port)],
      ...["--base-model", model, "--backend", "jax"],
      ...["--backend-config", JSON.stringify({ max_lora_adapters: 32, max_lora_rank: 32 })],
      ...[
        "--database-url",
        `sqlite:///${folder}/tinker.db`,
        "--checkpoints-base",
        join(folder, "checkpoints"),
      ],
    ],
    {
      cwd: folder,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        PATH: `${folder}/bin${delimiter}${process.env["PATH"]}`,
        SKYRL_PYTHON: environment.python,
        JAX_PLATFORMS: "cpu",
        HF_HUB_OFFLINE: "1",
      },
    },
  );
  child.stdout!.pipe(log);
  child.stderr!.pipe(log);
  const url = `http://127.0.0.1:${port}`;
  const close = async () => {
    await stop(child);
    rmSync(folder, { recursive: true, force: true });
  };
  for (let second = 0; second < 240; second++) {
    if (child.exitCode !== null)
      return { unavailable: `SkyRL's server ended with ${child.exitCode}; see ${folder}/log.txt` };
    const answer = await fetch(`${url}/api/v1/healthz`).catch(() => undefined);
    if (answer?.ok) return { url, close };
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  await close();
  return { unavailable: "SkyRL's server did not answer within four minutes" };
}

/**
 * SkyRL starts its engine by `uv run`, with the arguments that its own parent was called with. Where uv is not installed, and
 * for packages that already are, a script of that name does.
 */
function launcherIn(folder: string): string {
  const file = join(folder, "bin", "uv");
  mkdirSync(join(folder, "bin"));
  writeFileSync(file, '#!/bin/sh\nwhile [ "$1" != "-m" ]; do shift; done\n"$SKYRL_PYTHON" "$@"\n');
  chmodSync(file, 0o755);
  return file;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** The server's processes are a group of their own: script, server and engine. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const exited = once(child, "exit");
  process.kill(-child.pid, "SIGTERM");
  const late = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), 15_000);
  await exited;
  clearTimeout(late);
}
