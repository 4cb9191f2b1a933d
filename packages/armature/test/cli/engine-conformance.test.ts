import { fileURLToPath } from "node:url";
import { LocalBackend } from "@armature/engine";
import { ProtocolServer } from "@armature/tinker/server";
import { describe, expect, it } from "vitest";
import { armature, inScratchFolder } from "./command-line.ts";

const scratch = inScratchFolder();
const NANO_POLICY = fileURLToPath(new URL("../../../../models/nano-policy", import.meta.url));

describe("armature engine conformance", () => {
  it("prints what a server computes, as a table and as JSON", async () => {
    const backend = await LocalBackend.open([{ path: NANO_POLICY }], { threads: 1 });
    const server = await ProtocolServer.start(backend, { port: 0, checkpoints: scratch.path });
    const run = (group: string, ...more: string[]) =>
      armature(scratch.path, ["engine", "conformance", "--url", server.url, "--group", group, ...more]);
    const { code, stdout } = await run("1");
    expect(code).toBe(0);
    expect(stdout).toContain("1 of 1 groups pass\n 1  the loss is a sum  passes  3 checks\n");
    const json = JSON.parse((await run("1", "--json")).stdout) as {
      groups: { number: number; passes: boolean }[];
    };
    expect(json.groups).toMatchObject([{ number: 1, passes: true }]);
    // No arithmetic is that exact: what deviates is printed, and the exit code says so.
    const strict = await run("2", "--tolerance", "0");
    expect(strict.code).toBe(1);
    expect(strict.stdout).toContain("2  the gradient is a sum  DEVIATES");
    expect(strict.stdout).toContain("not so: ");
    await server.close();
  });

  it.each([
    [["--url", "http://example.com"], "armature: --url example.com: plain http would send the key readable"],
    [["--url", "nowhere"], "armature: --url nowhere: is no address"],
    [["--url", "http://127.0.0.1:9", "--group", "15"], "armature: --group 15: there are groups 1 to 14"],
    [
      ["--url", "http://127.0.0.1:9", "--api-key-env", "UNSET"],
      "armature: --api-key-env UNSET: the variable is not set",
    ],
    [[], "armature: required option '--url <address>' not specified"],
  ])("with %j says in one line what to mend", async (args, message) => {
    const { code, stderr } = await armature(scratch.path, ["engine", "conformance", ...args]);
    expect(code).not.toBe(0);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(message);
  });
});
