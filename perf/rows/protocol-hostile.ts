import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Row } from "../row.ts";

export const row: Row = {
  name: "protocol-hostile",
  what: "a hostile server: oversized bodies, wrong types, damaged and escaping archives, redirects to another host",
  bar: "every case is refused with the error that names it; nothing is written outside; the key goes nowhere else",
  async measure() {
    const { HOSTILE_CASES, runHostileCase } = await import("../../packages/tinker/test/hostile-cases.ts");
    const folder = mkdtempSync(join(tmpdir(), "armature-hostile-"));
    const wrong: string[] = [];
    for (const hostile of HOSTILE_CASES) {
      const { name, said, refused, keyLeaked } = await runHostileCase(hostile, join(folder, "download"));
      if (!refused) wrong.push(`${name}: ${said}`);
      if (keyLeaked) wrong.push(`${name}: the key leaked`);
      for (const left of readdirSync(folder)) wrong.push(`${name}: left ${left}`);
    }
    rmSync(folder, { recursive: true });
    return {
      value: HOSTILE_CASES.length - wrong.length,
      unit: `of ${HOSTILE_CASES.length} cases refused`,
      holds: wrong.length === 0,
      detail: { wrong, cases: HOSTILE_CASES.map(({ name }) => name) },
    };
  },
};
