import { describe, expect, it } from "vitest";
import { armature, inScratchFolder } from "../../test/cli/command-line.ts";

const scratch = inScratchFolder();

describe("armature", () => {
  it("shows its commands, and each command its options with an example", async () => {
    expect((await armature(scratch.path, ["--help"])).stdout).toMatchInlineSnapshot(`
      "Usage: armature [options] [command]

      Learns rubric-based reward models from preference pairs.

      Options:
        -V, --version  output the version number
        -h, --help     display help for command

      Commands:
        train          train as a recipe says, or go on where a run stopped
        judge          judge responses or preference pairs by rubrics
        engine         engines behind the training protocol
        rubrics        rubrics: written, refined, read and compared
        responses      responses to prompts
        sandbox        the controlled world whose true reward is known
        policy         policies trained with a reward
        bench          measure a reward model on a published suite or on any pair file
        evaluate       measure a policy on a published suite or on rubrics of your own
        study          why a reward works and where it breaks

      Example:
        armature train recipes/quickstart/recipe.yaml

      "
    `);
    expect((await armature(scratch.path, ["train", "--help"])).stdout).toMatchInlineSnapshot(`
      "Usage: armature train [options] <recipe>

      train as a recipe says, or go on where a run stopped

      Arguments:
        recipe             recipe file (YAML or JSON)

      Options:
        --json             print results as JSON and nothing else
        --debug            print the stack of an error
        --name <name>      name of the run (default: the recipe's)
        --runs <folder>    folder that holds the runs (default: "runs")
        --set <key=value>  override a key of the recipe; may be repeated
        --fresh            remove a run of this name and start over
        --dry-run          print the resolved recipe and what it costs at most, and stop
        -h, --help         display help for command

      Example:
        armature train recipes/quickstart/recipe.yaml --set judge.klBeta=0.3 --name first

      "
    `);
    for (const path of [
      ["judge"],
      ["rubrics", "generate"],
      ["sandbox", "pairs"],
      ["sandbox", "bounds"],
      ["sandbox", "warmup"],
    ]) {
      const { code, stdout } = await armature(scratch.path, [...path, "--help"]);
      expect(code).toBe(0);
      expect(stdout).toContain(`Usage: armature ${path.join(" ")}`);
      expect(stdout).toContain(`Example:\n  armature ${path.join(" ")} `);
      expect(stdout).toContain("--json");
    }
  });

  it("prints its version", async () => {
    expect(await armature(scratch.path, ["--version"])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  it("refuses wrong usage in one line with exit code 2", async () => {
    const lines: Record<string, string> = {};
    for (const line of [
      "trian x",
      "train",
      "train recipe.yaml extra",
      "train recipe.yaml --nam first",
      "train recipe.yaml --name ../first",
      "train none.yaml",
      "train recipe.yaml --set judge.klbeta=1",
      "sandbox pairs --count none",
      "sandbox pairs --noise 0.7",
      "sandbox pairs --out no/such/folder.jsonl",
      "sandbox warmup --out x",
      "sandbox dance",
      "judge pairs.jsonl",
      "judge pairs.jsonl --run a --recipe b",
      "judge pairs.jsonl --run nowhere --order sideways",
      "rubrics generate --run nowhere",
    ]) {
      const { code, stdout, stderr } = await armature(scratch.path, line.split(" "));
      expect({ line, code, stdout }).toEqual({ line, code: 2, stdout: "" });
      expect(stderr.trimEnd()).not.toContain("\n");
      lines[line] = stderr.trimEnd();
    }
    expect(lines).toMatchInlineSnapshot(`
      {
        "judge pairs.jsonl": "armature: which models? give either --run <folder> or --recipe <file>",
        "judge pairs.jsonl --run a --recipe b": "armature: which models? give either --run <folder> or --recipe <file>",
        "judge pairs.jsonl --run nowhere --order sideways": "armature: option '--order <order>' argument 'sideways' is invalid. Allowed choices are given, swapped, mixed, both; --help shows the usage",
        "rubrics generate --run nowhere": "armature: which prompts? give either a file or --prompt <text>",
        "sandbox dance": "armature: unknown command 'dance'; --help shows the usage",
        "sandbox pairs --count none": "armature: option '--count <n>' argument 'none' is invalid. Give a whole number of at least 1; --help shows the usage",
        "sandbox pairs --noise 0.7": "armature: option '--noise <share>' argument '0.7' is invalid. Give a number from 0 to 0.5; --help shows the usage",
        "sandbox pairs --out no/such/folder.jsonl": "armature: --out no/such/folder.jsonl: its folder does not exist; create it first",
        "sandbox warmup --out x": "armature: required option '--player <player>' not specified; --help shows the usage",
        "train": "armature: missing required argument 'recipe'; --help shows the usage",
        "train none.yaml": "armature: none.yaml: no such recipe; check the path",
        "train recipe.yaml --nam first": "armature: unknown option '--nam' (Did you mean --name?); --help shows the usage",
        "train recipe.yaml --name ../first": "armature: --name ../first: use letters, digits, "-", "_" and "." only",
        "train recipe.yaml --set judge.klbeta=1": "armature: --set judge.klbeta=1: unknown key judge.klbeta; did you mean klBeta?",
        "train recipe.yaml extra": "armature: too many arguments for 'train'. Expected 1 argument but got 2; --help shows the usage",
        "trian x": "armature: unknown command 'trian' (Did you mean train?); --help shows the usage",
      }
    `);
  });

  it("shows the help, and fails, without a command", async () => {
    for (const args of [[], ["sandbox"]]) {
      const { code, stderr } = await armature(scratch.path, args);
      expect(code).toBe(2);
      expect(stderr).toContain("Usage: armature");
    }
  });

  it("adds the stack only under --debug", async () => {
    expect((await armature(scratch.path, ["train", "none.yaml"])).stderr).not.toContain("    at ");
    expect((await armature(scratch.path, ["train", "none.yaml", "--debug"])).stderr).toContain("    at ");
  });

  it("calls its own faults unexpected", async () => {
    const { code, stderr } = await armature(scratch.path, [
      "sandbox",
      "warmup",
      "--player",
      "judge",
      "--out",
      "x",
    ]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      "armature: unexpected error: this test calls no operation; please report it with what --debug prints\n",
    );
  });
});
