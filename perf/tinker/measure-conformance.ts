import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalEngine } from "@armature/engine";
import { ServiceClient } from "@armature/tinker";
import {
  type ConformanceReport,
  printConformance,
  runConformance,
  serverBackend,
} from "@armature/tinker/conformance";
import type { Measurement } from "../row.ts";
import { NANO_POLICY, NanoServer } from "./nano-server.ts";

/** The suite on the engine in process and on our server, with what was measured in every check. */
export async function measureConformance(): Promise<Measurement> {
  const reports = [await inProcess(), ...(await overHttp())];
  for (const report of reports) process.stderr.write(printConformance(report));
  const groups = reports.flatMap((report) =>
    report.groups.map((group) => ({ backend: report.backend, ...group })),
  );
  const failing = groups.filter(({ passes }) => !passes);
  return {
    value: groups.length - failing.length,
    unit: `of ${groups.length} groups pass`,
    holds: failing.length === 0 && reports.every((report) => report.groups.length === 14),
    detail: {
      failing,
      measured: Object.fromEntries(
        reports.map(({ backend, groups: all }) => [
          backend,
          all.map(({ number, name, findings }) => ({
            number,
            name,
            findings: findings.map(({ what, measured }) => `${what}: ${measured}`),
          })),
        ]),
      ),
    },
  };
}

async function inProcess(): Promise<ConformanceReport> {
  const checkpoints = mkdtempSync(join(tmpdir(), "armature-conformance-"));
  const engine = await LocalEngine.open({ kind: "path", path: NANO_POLICY }, { threads: 1 });
  try {
    const lora = { rank: 4, alpha: 32, attention: true, mlp: true, head: true };
    return await runConformance({
      name: "engine in process",
      createModel: (seed) => engine.createModel({ lora: { ...lora, seed }, checkpoints }),
    });
  } finally {
    await engine.close();
    rmSync(checkpoints, { recursive: true });
  }
}

async function overHttp(): Promise<readonly ConformanceReport[]> {
  const server = await NanoServer.start();
  const reports: ConformanceReport[] = [];
  for (const wire of ["json", "protobuf"] as const) {
    const client = await ServiceClient.connect({ url: server.url, wire });
    reports.push({ ...(await runConformance(serverBackend(client))), backend: `our server, ${wire}` });
    client.close();
  }
  await server.close();
  return reports;
}
