import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readRows } from "../../data/read-rows.ts";
import { detectLanguage } from "./language.ts";

const GOLDEN = join(import.meta.dirname, "../../../test/golden/ifeval-languages.json");
const FILE = join(import.meta.dirname, "../../../../../../shared/data/ifeval-ifbench/ifeval.jsonl.gz");

it("finds what langdetect finds in GPT-4's responses, and English where that errs on short or capital texts", async ({
  skip,
}) => {
  if (!existsSync(FILE)) return skip("../shared/data/ifeval-ifbench is missing");
  const golden = JSON.parse(readFileSync(GOLDEN, "utf8")) as Record<string, string>;
  const differing: string[] = [];
  let compared = 0;
  for await (const { value } of readRows(FILE)) {
    const theirs = golden[String(value["key"])];
    if (theirs === undefined) continue;
    compared++;
    const ours = detectLanguage(value["gpt4_response"] as string);
    if (ours !== theirs) differing.push(`${value["key"]}: ${ours}, not ${theirs}`);
  }
  expect({ compared, differing }).toMatchInlineSnapshot(`
    {
      "compared": 95,
      "differing": [
        "1843: en, not es",
        "202: en, not de",
        "2341: en, not cy",
        "2571: en, not tl",
        "3456: en, not de",
        "3567: fr, not id",
      ],
    }
  `);
});
