import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ModelFileError } from "../errors.ts";
import { writeFailure, writeFileAtomically } from "./atomic-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "armature-atomic-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("writeFileAtomically", () => {
  it("writes all chunks, says what it wrote and leaves nothing else behind", () => {
    const path = join(folder, "weights");
    writeFileSync(path, "something longer that was there before");
    const written = writeFileAtomically(path, [Buffer.from("one "), new Uint8Array(0), Buffer.from("two")]);
    expect(readFileSync(path, "utf8")).toBe("one two");
    expect(written).toEqual({ bytes: 7, sha256: createHash("sha256").update("one two").digest("hex") });
    expect(readdirSync(folder)).toEqual(["weights"]);
  });

  it("keeps the old content where producing the new one fails half-way", () => {
    const path = join(folder, "weights");
    writeFileSync(path, "old");
    function* chunks() {
      yield Buffer.alloc(1 << 16);
      throw new Error("out of luck");
    }
    expect(() => writeFileAtomically(path, chunks())).toThrow(/weights: cannot be written: out of luck/);
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["weights"]);
  });

  it.runIf(process.platform !== "win32")(
    "keeps the old content where the system stops the writing half-way (file size limit)",
    () => {
      const path = join(folder, "weights");
      writeFileSync(path, "old");
      // The limit makes write(2) fail after 32 kB, as a full disk would; it can only be set for a child process.
      const script = `
        const { writeFileAtomically } = await import(${JSON.stringify(new URL("./atomic-file.ts", import.meta.url).href)});
        try { writeFileAtomically(${JSON.stringify(path)}, [Buffer.alloc(1 << 20)]); } catch (error) { process.stdout.write(error.message); }`;
      const command = `ulimit -f 64 && exec "${process.execPath}" --import tsx --input-type=module -e "$SCRIPT"`;
      const output = execFileSync("sh", ["-c", command], {
        env: { ...process.env, SCRIPT: script, TSX_DISABLE_CACHE: "1" },
        encoding: "utf8",
      });
      expect(output).toMatch(/weights: cannot be written: it exceeds the largest file allowed here/);
      expect(readFileSync(path, "utf8")).toBe("old");
      expect(readdirSync(folder)).toEqual(["weights"]);
    },
  );

  it("names the folder's absence", () => {
    expect(() => writeFileAtomically(join(folder, "none", "weights"), [])).toThrow(ModelFileError);
    expect(() => writeFileAtomically(join(folder, "none", "weights"), [])).toThrow(
      /its folder does not exist/,
    );
  });

  it("says what to do about a full disk", () => {
    const error = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    expect(writeFailure(error)).toBe("the disk is full; free some space or choose another folder");
  });
});
