import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { afterAll, expect, it } from "vitest";
import { zipEntries } from "./zip-entries.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-zip-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An archive by the letter of the format (APPNOTE 4.3), one entry stored or deflated. */
function archive(name: string, content: string, method: 0 | 8, flags = 0): Buffer {
  const data = method === 8 ? deflateRawSync(Buffer.from(content)) : Buffer.from(content);
  const title = Buffer.from(name);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(title.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(flags, 8);
  central.writeUInt16LE(method, 10);
  central.writeUInt32LE(data.length, 20);
  central.writeUInt16LE(title.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(local.length + title.length + data.length, 16);
  return Buffer.concat([local, title, data, central, title, end]);
}

function write(name: string, bytes: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

it.each([0, 8] as const)("reads an entry packed by method %i", (method) => {
  const [entry, ...more] = zipEntries(write("a.zip", archive("data/ä.csv", "x,y\n".repeat(50), method)));
  expect(more).toEqual([]);
  expect([entry!.name, entry!.read().toString()]).toEqual(["data/ä.csv", "x,y\n".repeat(50)]);
});

it("leaves folders out", () => {
  expect(zipEntries(write("b.zip", archive("data/", "", 0)))).toEqual([]);
});

it("names what is wrong with an archive", () => {
  const whole = archive("a.csv", "x,y\n".repeat(50), 8);
  expect(() => zipEntries(join(folder, "none.zip"))).toThrow("no such file");
  expect(() => zipEntries(write("c.zip", Buffer.from("hello")))).toThrow("is no zip archive");
  expect(() => zipEntries(write("d.zip", whole.subarray(20)))).toThrow("damaged or cut off");
  expect(() => zipEntries(write("e.zip", archive("a.csv", "x", 8, 1)))).toThrow("is encrypted");
  const torn = Buffer.from(whole);
  torn.fill(255, 35, 42);
  expect(() => zipEntries(write("f.zip", torn))[0]!.read()).toThrow("damaged or cut off");
});
