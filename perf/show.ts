/** `npm run show -- NAME` measures a row and prints it as one JSON object on the last line; `--list` lists the rows. */
import { readdirSync } from "node:fs";
import { cpus } from "node:os";
import { nearestWord } from "../packages/armature/src/config/nearest-word.ts";
import type { Row } from "./row.ts";

const rows = new URL("rows/", import.meta.url);
const names = readdirSync(rows)
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .map((file) => file.slice(0, -".ts".length))
  .sort();

async function load(name: string): Promise<Row> {
  return ((await import(new URL(`${name}.ts`, rows).href)) as { row: Row }).row;
}

async function list(): Promise<void> {
  const loaded = await Promise.all(names.map(load));
  const width = Math.max(0, ...names.map((name) => name.length));
  for (const { name, what, bar } of loaded) {
    process.stdout.write(`${name.padEnd(width)}  ${what}\n${" ".repeat(width)}  bar: ${bar}\n`);
  }
}

async function show(name: string): Promise<void> {
  const row = await load(name);
  process.stderr.write(`${name}: ${row.what}\n`);
  const { value, unit, holds, detail } = await row.measure();
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${process.platform}, Node ${process.version}`;
  const measured = {
    name,
    value,
    unit,
    bar: row.bar,
    holds,
    detail: { machine, date: new Date().toISOString(), ...detail },
  };
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}

const [name] = process.argv.slice(2);
if (name === "--list") await list();
else if (name !== undefined && names.includes(name)) {
  await show(name).catch((error: unknown) => {
    process.stderr.write(`show: ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
} else {
  const near = name === undefined ? null : nearestWord(name, names);
  const what =
    name === undefined ? "which row?" : `no row ${name}${near === null ? "" : `; did you mean ${near}?`}`;
  process.stderr.write(
    `show: ${what} The rows are ${names.join(", ") || "none yet"}; --list tells what they measure\n`,
  );
  process.exitCode = 2;
}
