import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceClient } from "@armature/tinker";
import { printConformance, runConformance, serverBackend } from "@armature/tinker/conformance";
import { ProtocolServer } from "@armature/tinker/server";
import { afterAll, beforeAll, expect, it } from "vitest";
import { LocalBackend } from "../src/index.ts";
import { NANO_POLICY } from "./protocol-speaker.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-conformance-server-"));
let server: ProtocolServer;
beforeAll(async () => {
  const backend = await LocalBackend.open([{ path: NANO_POLICY }], { threads: 1 });
  server = await ProtocolServer.start(backend, { port: 0, checkpoints: folder });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

it.each([
  ["protobuf", undefined],
  // What the encoding can change: numbers of losses and gradients, requests sent twice, errors.
  ["json", [1, 3, 5, 8, 14]],
] as const)("our server keeps to the protocol (%s)", async (wire, groups) => {
  const client = await ServiceClient.connect({ url: server.url, wire });
  const report = await runConformance(serverBackend(client), groups && { groups });
  client.close();
  expect(report.groups).toHaveLength(groups?.length ?? 14);
  expect(
    report.groups.filter(({ passes }) => !passes),
    printConformance(report),
  ).toEqual([]);
});
