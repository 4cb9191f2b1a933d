import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { armature, inScratchFolder } from "../../../test/cli/command-line.ts";

const scratch = inScratchFolder();
const put = (name: string, content: string) => writeFileSync(join(scratch.path, name), content);
const read = (name: string) => readFileSync(join(scratch.path, name), "utf8");

const HEALTH = JSON.stringify({
  prompt_id: "p1",
  prompt: [{ role: "user", content: "My knee hurts" }],
  rubrics: [
    { criterion: "Asks since when it hurts", points: 7, tags: ["axis:context"] },
    { criterion: "Recommends surgery at once", points: -9, tags: [] },
  ],
  example_tags: ["theme:x"],
});

describe("armature rubrics", () => {
  it("import says on stderr what became of a file, and export what another format has no place for", async () => {
    put("h.jsonl", HEALTH);
    const imported = await armature(scratch.path, ["rubrics", "import", "h.jsonl", "--out", "r.jsonl"]);
    expect(imported).toMatchInlineSnapshot(`
      {
        "code": 0,
        "stderr": "h.jsonl: healthbench (rubrics of criterion and points)
        1 rows, 1 rubrics, 2 criteria (1 bad when true), weights 7 and -9
        1 prompts, 0 references, 0 responses, 0 verdicts
        mapped: prompt_id -> id, prompt -> prompt, rubrics[].criterion -> criterion.text, rubrics[].points -> criterion.weight, rubrics[].tags -> criterion.tags
        kept in extra: item: example_tags (1); criterion: tags (1)
      ",
        "stdout": "",
      }
    `);
    const exported = await armature(scratch.path, ["rubrics", "export", "r.jsonl", "--to", "verifiers"]);
    expect(exported).toMatchInlineSnapshot(`
      {
        "code": 0,
        "stderr": "1 rubrics as verifiers: verifiers has no place for id (1), prompt (1), extra.example_tags (1), criterion.tags (1), criterion.weight's sign (1), criterion.extra.tags (1)
      ",
        "stdout": "{
        "criteria": [
          {
            "name": "c1",
            "text": "Asks since when it hurts",
            "weight": 7
          },
          {
            "name": "c2",
            "text": "It is not the case that: Recommends surgery at once",
            "weight": 9
          }
        ]
      }
      ",
      }
    `);
    const back = await armature(scratch.path, ["rubrics", "export", "r.jsonl", "--to", "healthbench"]);
    expect(JSON.parse(back.stdout)).toEqual(JSON.parse(HEALTH));
    expect(back.stderr).toBe("1 rubrics as healthbench: nothing is lost\n");
  });

  it("import counts in JSON, and writes rows to stdout without --out", async () => {
    put("h.jsonl", HEALTH);
    const counted = await armature(scratch.path, ["rubrics", "import", "h.jsonl", "--json"]);
    expect(JSON.parse(counted.stdout)).toMatchObject({
      file: "h.jsonl",
      format: "healthbench",
      criteria: 2,
      bad: 1,
    });
    const { stdout } = await armature(scratch.path, ["rubrics", "import", "h.jsonl"]);
    expect(JSON.parse(stdout)).toMatchObject({ id: "p1", format: "healthbench" });
  });

  it("export writes TOML, YAML and Markdown by name", async () => {
    put("h.jsonl", HEALTH);
    const to = (...args: string[]) =>
      armature(scratch.path, ["rubrics", "export", "h.jsonl", "--to", ...args]);
    await to("verifiers", "--out", "v.toml");
    expect(read("v.toml")).toContain(
      'text = "It is not the case that: Recommends surgery at once"\nweight = 9',
    );
    await to("autorubric", "--out", "a.yaml");
    expect(read("a.yaml")).toContain("requirement: Recommends surgery at once\n    weight: -9");
    await to("markdown", "--out", "m.md");
    expect(read("m.md")).toContain("- [-9 bad] Recommends surgery at once");
    const { code, stderr } = await to("verifiers", "--out", "v.jsonl");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        "armature: FOLDER/v.jsonl: this format is one object; end the name with .json, .yaml or .toml\n",
    });
  });

  it("show prints a rubric for reading", async () => {
    put("h.jsonl", `${HEALTH}\n${HEALTH.replace("p1", "p2")}`);
    expect(await armature(scratch.path, ["rubrics", "show", "h.jsonl"])).toMatchInlineSnapshot(`
      {
        "code": 0,
        "stderr": "1 more; --limit or --id shows others
      ",
        "stdout": "p1 (2 criteria, fingerprint 31bfd420aadb28e5)
          My knee hurts
        c1 [7 #axis:context] Asks since when it hurts
        c2 [-9 bad] Recommends surgery at once
      ",
      }
    `);
    const { code, stderr } = await armature(scratch.path, ["rubrics", "show", "h.jsonl", "--id", "p3"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "armature: --id p3: no rubric of this id; the first are p1, p2\n",
    });
  });
});

describe("armature rubrics lint and diff", () => {
  const rubric = (criteria: readonly unknown[]) => JSON.stringify({ id: "r", rubric: { criteria } });

  it("lint names criterion, reason and mend, and fails where it is told to", async () => {
    put("r.jsonl", rubric([{ text: "Is appropriate for the audience" }, { text: "Names the river" }]));
    const lint = (...args: string[]) => armature(scratch.path, ["rubrics", "lint", "r.jsonl", ...args]);
    expect(await lint()).toEqual({
      code: 0,
      stdout: 'r c1: vague: "appropriate" is a matter of opinion; say what can be seen when it holds\n',
      stderr: "1 rubrics: 1 vague\n",
    });
    expect((await lint("--strict")).code).toBe(1);
    expect(await lint("--strict", "--rules", "stacked,long")).toMatchObject({ code: 0, stdout: "" });
    const { stdout } = await lint("--json");
    expect(JSON.parse(stdout)).toMatchObject({
      rubrics: 1,
      counts: { vague: 1 },
      findings: [{ criterion: "c1" }],
    });
    const { code, stderr } = await lint("--rules", "vage");
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("No rule vage; there are vague"),
    });
  });

  it("diff follows a criterion through new ids and words to its verdicts", async () => {
    put(
      "old.jsonl",
      rubric([
        { id: "a", text: "Names the river", weight: 1 },
        { id: "b", text: "Gives the date of birth", weight: 2 },
        { id: "c", text: "Greets" },
      ]),
    );
    put(
      "new.jsonl",
      rubric([
        { id: "x", text: "Gives the date of birth in figures", weight: 3 },
        { id: "y", text: "Names the river", weight: 1 },
        { id: "z", text: "Ends with a question" },
      ]),
    );
    const verdict = (criterion: string, value: number) => ({
      criterion,
      status: "scored",
      value,
      reason: null,
    });
    const judged = (key: string, ...verdicts: unknown[]) =>
      `${JSON.stringify({ key, id: "r", score: null, verdicts })}\n`;
    put(
      "v1.jsonl",
      judged("1", verdict("a", 1), verdict("b", 1)) + judged("2", verdict("a", 1), verdict("b", 0)),
    );
    put(
      "v2.jsonl",
      judged("1", verdict("x", 0), verdict("y", 1)) + judged("2", verdict("x", 0), verdict("y", 1)),
    );
    const args = ["rubrics", "diff", "old.jsonl", "new.jsonl"];
    expect(
      await armature(scratch.path, [...args, "--verdicts", "v1.jsonl", "v2.jsonl"]),
    ).toMatchInlineSnapshot(`
      {
        "code": 0,
        "stderr": "0 of 1 rubrics unchanged, criteria: 1 added, 1 removed, 1 reworded, 1 weighed anew, 0 turned round; 1 of 4 verdicts changed
      ",
        "stdout": "r
        - c [1] Greets
        + z [1] Ends with a question
        ~ b -> x: reworded (86 % alike)
            was Gives the date of birth
            is  Gives the date of birth in figures
        ~ b -> x: weight 2 -> 3
        ! x: 1 of 2 verdicts changed: 1 yes -> no
      ",
      }
    `);
    const { stdout } = await armature(scratch.path, [
      ...args,
      "--verdicts",
      "v1.jsonl",
      "v2.jsonl",
      "--json",
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      unchanged: 0,
      verdicts: [
        { before: "b", after: "x", compared: 2, changed: [{ key: "1", before: "yes", after: "no" }] },
        { before: "a", after: "y", compared: 2, changed: [] },
      ],
    });
    expect((await armature(scratch.path, [...args, "--strict"])).code).toBe(1);
    expect(
      (await armature(scratch.path, ["rubrics", "diff", "old.jsonl", "old.jsonl", "--strict"])).code,
    ).toBe(0);
    put("v3.jsonl", '{"key":"1","id":"r","verdicts":[{"criterion":3}]}\n');
    const bad = await armature(scratch.path, [...args, "--verdicts", "v1.jsonl", "v3.jsonl"]);
    expect(bad).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        "v3.jsonl:1: verdicts is a list of 1; give a file that armature judge wrote",
      ),
    });
  });
});
