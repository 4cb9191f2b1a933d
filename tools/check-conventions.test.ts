import { expect, it } from "vitest";
import { conventionFaults } from "./check-conventions.ts";

/** Faults of made-up files, given by path. */
function faultsOf(files: Readonly<Record<string, string>>): readonly string[] {
  return conventionFaults(Object.keys(files), (file) => files[file] ?? "");
}

it("lets good files pass", () => {
  expect(
    faultsOf({
      "packages/armature/src/run/progress.ts": 'import { SeededStream } from "@armature/engine";\n',
      "packages/engine/src/index.ts": 'export { A, type B } from "./a.ts";\n',
      "packages/engine/src/a.ts": "/** A. */\nexport class A {}\n/** B. */\nexport type B = 1;\n",
      "README.md": "```text\narmature/\n  packages/\n    engine/   the engine\n```\n",
    }),
  ).toEqual([]);
});

it("keeps imports on their one way", () => {
  expect(
    faultsOf({
      "packages/tinker/src/a.ts": '\nimport { x } from "@armature/engine";\n',
      "packages/engine/src/b.ts": 'const { y } = await import("armature");\n',
      "packages/engine/src/c.ts": 'import type { z } from "../../tinker/src/z.ts";\n',
    }),
  ).toEqual([
    "packages/tinker/src/a.ts:2: tinker imports engine; imports go dashboard -> armature -> engine -> tinker only",
    "packages/engine/src/b.ts:1: engine imports armature; imports go dashboard -> armature -> engine -> tinker only",
    "packages/engine/src/c.ts:1: imports ../../tinker/src/z.ts; import @armature/tinker",
  ]);
});

it("refuses empty names, long files, missing docstrings, machine paths and a tree that lies", () => {
  const home = `/${"home"}/ann/x`;
  expect(
    faultsOf({
      "packages/engine/src/utils.ts": "export {};\n",
      "packages/engine/src/helpers/sum.ts": "export {};\n",
      "packages/engine/src/long.ts": `${"\n".repeat(400)}x\n`,
      "packages/tinker/src/index.ts": 'export { bare } from "./bare.ts";\n',
      "packages/tinker/src/bare.ts": "const x = 1;\nexport function bare() {}\n",
      "docs/log.md": `# Log\n${home}\n`,
      "README.md": "```text\narmature/\n  packages/\n    gone/   nothing\n  AGENTS.md rules\n```\n",
    }),
  ).toEqual([
    "packages/engine/src/utils.ts:1: says nothing in its name; name it for its one idea",
    "packages/engine/src/helpers/sum.ts:1: says nothing in its name; name it for its one idea",
    "packages/engine/src/long.ts:401: longer than 400 lines; split it, or list it with a reason",
    "packages/tinker/src/bare.ts:2: bare is exported without a docstring; say what it is",
    "docs/log.md:2: a path of one machine; make it relative",
    "README.md:4: names packages/gone, which does not exist",
    "README.md:5: names AGENTS.md, which does not exist",
  ]);
});
