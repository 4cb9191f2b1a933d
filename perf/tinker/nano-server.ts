import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LocalBackend } from "@armature/engine";
import { ProtocolServer } from "@armature/tinker/server";

/** The smallest of the models that come with the repository. */
export const NANO_POLICY = fileURLToPath(new URL("../../models/nano-policy", import.meta.url));

/** Our server over the nano policy, which can be stopped and started again with the same checkpoints. */
export class NanoServer {
  readonly #checkpoints = mkdtempSync(join(tmpdir(), "armature-nano-server-"));
  #server: ProtocolServer | undefined;
  #url = "http://127.0.0.1:9";

  static async start(): Promise<NanoServer> {
    const server = new NanoServer();
    await server.restart();
    return server;
  }

  /** Where it listens; a new port after a restart. */
  get url(): string {
    return this.#url;
  }

  /** Everything that was in memory is lost; checkpoints stay. */
  async restart(): Promise<void> {
    await this.#server?.close();
    const backend = await LocalBackend.open([{ path: NANO_POLICY }], { threads: 1 });
    this.#server = await ProtocolServer.start(backend, { port: 0, checkpoints: this.#checkpoints });
    this.#url = this.#server.url;
  }

  async close(): Promise<void> {
    await this.#server?.close();
    rmSync(this.#checkpoints, { recursive: true, force: true });
  }
}
