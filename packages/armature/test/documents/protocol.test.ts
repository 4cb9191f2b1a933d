import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { LocalBackend } from "@armature/engine";
import { ProtocolServer } from "@armature/tinker/server";
import { expect, it } from "vitest";
import { inScratchFolder } from "../cli/command-line.ts";

const scratch = inScratchFolder();
const NANO_POLICY = fileURLToPath(new URL("../../../../models/nano-policy", import.meta.url));
const page = readFileSync(new URL("../../../../docs/protocol.md", import.meta.url), "utf8");
const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (
  ...args: string[]
) => (...values: unknown[]) => Promise<void>;

it("the page's example trains and samples", async () => {
  const backend = await LocalBackend.open([{ path: NANO_POLICY }], { threads: 1 });
  const server = await ProtocolServer.start(backend, { port: 0, checkpoints: scratch.path });
  const [, example] = /```ts\n([\s\S]*?)```/.exec(page)!;
  const [line, names] = /import \{([^}]*)\} from "@armature\/tinker";/.exec(example!)!;
  const code = example!.replace(line, "").replace("http://127.0.0.1:8765", server.url);
  const printed: unknown[] = [];
  const tinker: Readonly<Record<string, unknown>> = await import("@armature/tinker");
  const imported = names!.split(",").map((name) => name.trim());
  await new AsyncFunction("console", ...imported, `${code}\nconsole.log(sequences[0].tokens.length);`)(
    { log: (value: unknown) => printed.push(value) },
    ...imported.map((name) => tinker[name]),
  );
  await server.close();
  expect(printed[0]).toBeGreaterThan(0);
  expect(printed[1]).toBeGreaterThan(0);
});
