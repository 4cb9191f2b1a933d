import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { armature, inScratchFolder } from "../../../test/cli/command-line.ts";
import { textCriticAnswer } from "../../../test/generate/text-critic.ts";
import { type ChatBody, ChatServer, type ChatServerOptions } from "../../../test/llm/chat-server.ts";
import { readPreferencePairs } from "../../data/preference-pairs.ts";
import { readRubricItem } from "../../rubric/formats/native.ts";

const scratch = inScratchFolder();
const servers: ChatServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const asked = ({ messages }: ChatBody): string => messages.at(-1)!.content;

async function serve(options: ChatServerOptions = {}): Promise<ChatServer> {
  const server = await ChatServer.start({ answer: (body) => textCriticAnswer(asked(body)), ...options });
  servers.push(server);
  return server;
}

const write = (file: string, rows: readonly object[]): void =>
  writeFileSync(join(scratch.path, file), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));

const read = (file: string): Record<string, unknown>[] =>
  readFileSync(join(scratch.path, file), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const run = (...args: readonly string[]) => armature(scratch.path, args);

const PROMPTS = [
  { id: "tides", prompt: "Explain the tides of the ocean.", reference: "The moon pulls the water." },
  { id: "bread", prompt: "How do I bake a sourdough loaf?", reference: "Mix, rest, fold, bake." },
];
const PAIRS = PROMPTS.map(({ prompt }) => ({
  prompt,
  chosen: `Here is why, for example:\n\n- because of one\n- then two\n- finally three ${"more words here ".repeat(10)}`,
  rejected: "It just is.",
}));

describe("rubrics generate with a language model", () => {
  it("writes RaR items, from references, that open as rubric items", async () => {
    const { url, requests } = await serve();
    write("prompts.jsonl", PROMPTS);
    const args = ["rubrics", "generate", "prompts.jsonl", "--method", "rar", "--preset", "science"];
    const result = await run(...args, "--model", `${url}#critic`, "--out", "rubrics.jsonl");
    expect(result).toMatchObject({ code: 0, stdout: "" });
    expect(result.stderr).toContain("2 of 2 rubrics written\n");
    expect(result.stderr).toContain("written to rubrics.jsonl\n");
    const items = read("rubrics.jsonl").map(readRubricItem);
    expect(items.map(({ id, reference }) => [id, reference])).toEqual(
      PROMPTS.map(({ id, reference }) => [id, reference]),
    );
    expect(items[0]!.rubric.criteria.at(-1)).toMatchObject({
      category: "pitfall",
      polarity: "bad",
      weight: -1,
    });
    expect(items[0]!.extra!["generation"]).toMatchObject({
      ...{ method: "rar", preset: "science", grounded: true, tries: 1, faults: [], repairs: [] },
    });
    expect(asked(requests[0]!.body)).toContain("The moon pulls the water.");
    // The job is done, so its log is gone; the answers stay, and the same command asks nothing.
    expect(existsSync(join(scratch.path, "rubrics.job.jsonl"))).toBe(false);
    const before = readFileSync(join(scratch.path, "rubrics.jsonl"), "utf8").replace(
      /"usage":\{[^}]*\}/g,
      "",
    );
    const again = await run(...args, "--model", `${url}#critic`, "--out", "rubrics.jsonl", "--json");
    expect(JSON.parse(again.stdout)).toMatchObject({ rows: 2, written: 2, failed: {}, open: 0, resumed: 0 });
    expect(requests).toHaveLength(2);
    expect(readFileSync(join(scratch.path, "rubrics.jsonl"), "utf8").replace(/"usage":\{[^}]*\}/g, "")).toBe(
      before,
    );
  });

  it("filters contrastive rubrics by the labels and writes the pairs that are kept", async () => {
    const { url, requests } = await serve();
    // The third pair prefers the bare answer, which the critic's own judgement cannot follow.
    const odd = { prompt: "Why is the sky blue?", chosen: "It is.", rejected: `It is. ${PAIRS[0]!.chosen}` };
    write("pairs.jsonl", [...PAIRS, odd]);
    const args = ["rubrics", "generate", "pairs.jsonl", "--method", "crg", "--out", "crg.jsonl"];
    const { code, stdout } = await run(
      ...args,
      "--pairs",
      "kept.jsonl",
      "--model",
      `${url}#critic`,
      "--json",
    );
    expect(code).toBe(0);
    const counts = JSON.parse(stdout) as { written: number; labelFilter: Record<string, unknown> };
    expect(counts).toMatchObject({ written: 3, failed: {}, labelFilter: { pairs: 3 } });
    expect(requests).toHaveLength(6);
    const items = read("crg.jsonl").map(readRubricItem);
    expect(items.length).toBe(3 - Number(counts.labelFilter["rubricsWithoutPair"]));
    expect(items[0]!.rubric.criteria[0]).toMatchObject({ kind: "principle" });
    expect(items[0]!.extra!["generation"]).toMatchObject({
      labelConsistency: { tau: 0.5, accuracy: 1, pairs: [{ better: 0, worse: 1, discarded: null }] },
    });
    const { pairs } = await readPreferencePairs([join(scratch.path, "kept.jsonl")]);
    expect(pairs.map(({ chosen }) => chosen)).toEqual(items.map(({ responses }) => responses[0]!.text));
    expect(read("kept.jsonl")[0]).toMatchObject({
      rubric: expect.stringMatching(/^1\. The response .*\[Principle\]/),
      judgement: expect.stringContaining("Winner: Response"),
    });
  });

  it("counts the calls of a dry run and asks nothing", async () => {
    const { url, requests } = await serve();
    write("pairs.jsonl", PAIRS);
    const args = [
      "rubrics",
      "generate",
      "pairs.jsonl",
      "--method",
      "crg",
      "--model",
      `${url}#critic`,
      "--dry-run",
    ];
    expect((await run(...args)).stderr).toBe(
      "2 rows: 2 rubrics, 2 judgements; a reply that cannot be read is asked for again on top\n",
    );
    expect(JSON.parse((await run(...args, "--no-label-filter", "--limit", "1", "--json")).stdout)).toEqual({
      ...{ rows: 1, skipped: 0 },
      calls: { rubrics: 1, judgements: 0 },
    });
    expect(requests).toHaveLength(0);
  });

  it("names failures by kind, keeps what was done, and asks only for the rest at the next start", async () => {
    let broken = true;
    const server = await serve({
      behave: ({ body }) => {
        if (asked(body).includes("tides") && broken) return { kind: "status", status: 500 };
        if (asked(body).includes("poem"))
          return { kind: "answer", texts: ["I'm sorry, I can't help with that."] };
        return { kind: "answer" };
      },
    });
    write("prompts.jsonl", [...PROMPTS, { id: "poem", prompt: "Write a poem." }]);
    const args = ["rubrics", "generate", "prompts.jsonl", "--method", "rtd-initial", "--out", "first.jsonl"];
    const more = ["--model", `${server.url}#critic`, "--retries", "0", "--further-tries", "1"];
    const first = await run(...args, ...more);
    expect(first.code).toBe(0);
    expect(first.stderr).toContain("1 of 3 rubrics written\nfailed: 1 infrastructure, 1 refusal\n");
    expect(first.stderr).toContain("replies that could not be read (of 2): 1 no-list\n");
    expect(first.stderr).toContain("1 rows met failures that may pass; run the same command again");
    expect(read("first.failures.jsonl").map(({ id, kind }) => [id, kind])).toEqual([
      ["tides", "infrastructure"],
      ["poem", "refusal"],
    ]);
    expect(read("first.jsonl")).toHaveLength(1);
    broken = false;
    const before = server.requests.length;
    const second = await run(...args, ...more);
    expect(second.stderr).toContain("2 rows were done by an earlier start\n");
    expect(server.requests).toHaveLength(before + 1);
    expect(read("first.jsonl").map(({ id }) => id)).toEqual(["tides", "bread"]);
    expect(existsSync(join(scratch.path, "first.job.jsonl"))).toBe(false);
  });

  it("stops at Ctrl-C once the calls under way are answered, and goes on from there", async () => {
    let interrupt = true;
    const { url, requests } = await serve({
      latencyMs: 5,
      behave: ({ index }) => {
        if (index === 3 && interrupt) process.emit("SIGINT");
        return { kind: "answer" };
      },
    });
    write(
      "prompts.jsonl",
      Array.from({ length: 12 }, (_, i) => ({ id: `${i}`, prompt: `Explain thing ${i}.` })),
    );
    const args = ["rubrics", "generate", "prompts.jsonl", "--method", "rtd-initial", "--out", "out.jsonl"];
    const model = ["--model", `${url}#critic`, "--concurrency", "2"];
    const stopped = await run(...args, ...model);
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toMatch(
      /stopped: [45] of 12 rows are done; run the same command again to go on\n$/,
    );
    expect(existsSync(join(scratch.path, "out.jsonl"))).toBe(false);
    interrupt = false;
    expect(await run(...args, ...model)).toMatchObject({ code: 0 });
    expect(requests).toHaveLength(12);
    expect(read("out.jsonl").map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, i) => `${i}`));
  });

  it("refuses what it cannot do before it asks anything", async () => {
    write("prompts.jsonl", PROMPTS);
    write("pairs.jsonl", [...PAIRS, { prompt: "Why?", responses: ["a", "b"] }]);
    const model = ["--model", "http://127.0.0.1:9/v1#m"];
    const generate = (...args: string[]) => run("rubrics", "generate", ...args);
    for (const [args, message] of [
      [["prompts.jsonl", ...model], "which method? give --method rar, crg, rtd-initial, arm"],
      [["prompts.jsonl", "--method", "rar"], "which model writes the rubrics? give --model <spec>"],
      [["--method", "rar", ...model], "which prompts? give either a file or --prompt <text>"],
      [["prompts.jsonl", "--method", "rar", ...model, "--count", "2"], "--count is for a trained generator"],
      [["--prompt", "Why?", "--method", "crg", ...model], "--method crg compares responses; give a file"],
      [["prompts.jsonl", "--prompt", "Why?", "--method", "rar", ...model], "give either a file or --prompt"],
      [["prompts.jsonl", "--method", "rar", ...model, "--pairs", "x.jsonl"], "--pairs writes what the label"],
      [["prompts.jsonl", "--recipe", "recipe.yaml", "--limit", "3"], "--limit goes with --model <spec>"],
      [["prompts.jsonl", "--method", "rar", ...model, "--run", "x"], "--run names a trained generator"],
      [["prompts.jsonl", "--method", "crg", ...model], "prompts.jsonl:1: responses have 0 that differ"],
      [["pairs.jsonl", "--method", "crg", ...model], "pairs.jsonl:3: responses have no rank"],
      [["prompts.jsonl", "--method", "rar", ...model, "--out", "no/x.jsonl"], "its folder does not exist"],
    ] as const) {
      const { code, stderr } = await generate(...args);
      expect(code).toBeGreaterThan(0);
      expect(stderr).toContain(message);
    }
  });
});

describe("responses sample and rubrics refine", () => {
  it("sample from several models, then refine until the best two are told apart", async () => {
    const plain = await serve({ answer: () => "Because of the moon." });
    const rich = await serve({
      answer: ({ seed, temperature }) =>
        `For example, first ${seed}:\n\n- because one\n- then two\n- finally three${temperature === 0.5 ? " however" : ""}`,
    });
    const critic = await serve();
    writeFileSync(
      join(scratch.path, "models.yaml"),
      [
        "models:",
        `  - {model: "${plain.url}#plain", count: 2, name: plain}`,
        `  - {model: "${rich.url}#rich", temperature: 0.5, maxTokens: 64, name: rich}`,
        `  - {model: "${rich.url}#rich2", system: Be rich., name: rich2}`,
      ].join("\n"),
    );
    write("prompts.jsonl", PROMPTS.slice(0, 1));
    const sampled = await run(
      "responses",
      "sample",
      "prompts.jsonl",
      "--recipe",
      "models.yaml",
      "--out",
      "r.jsonl",
    );
    expect(sampled).toMatchObject({ code: 0 });
    expect(sampled.stderr).toContain(
      "3 of 4 responses to 1 prompts\nleft out as repeated: 1 equal, 0 near\n",
    );
    const [row] = read("r.jsonl") as [{ responses: { text: string; model: string; extra: object }[] }];
    expect(row.responses.map(({ model }) => model)).toEqual(["plain", "rich", "rich2"]);
    expect(row.responses[1]!.extra).toEqual({
      ...{ temperature: 0.5, seed: expect.any(Number), sample: 0, finishReason: "stop" },
    });
    expect(rich.requests.map(({ body }) => body["max_tokens"] ?? body["max_completion_tokens"])).toContain(
      64,
    );

    const args = [
      "rubrics",
      "refine",
      "r.jsonl",
      "--model",
      `${critic.url}#critic`,
      "--out",
      "refined.jsonl",
    ];
    const plan = await run(...args, "--rounds", "2", "--dry-run", "--json");
    expect(JSON.parse(plan.stdout)).toEqual({
      ...{ rows: 1, skipped: 0 },
      calls: { initial: 1, verifications: 6, improvements: 2 },
    });
    const refined = await run(...args, "--rounds", "2");
    expect(refined.stderr).toContain(
      "1 of 1 rubrics refined; 2 of 2 rounds improved one (used pairs stay)\n",
    );
    expect(critic.requests).toHaveLength(9);
    const [item] = read("refined.jsonl").map(readRubricItem);
    const { history } = item!.extra!["refinement"] as {
      history: { scores: object[]; pair: number[]; change: { added: string[] }; rubric: object }[];
    };
    // The two rich answers tie in the first round; they differ in one word, which the new rubric asks for.
    expect(history[0]!.pair).toEqual([1, 2]);
    expect(history[0]!.change.added).toEqual(["The response names limits or exceptions."]);
    expect(history[1]).toMatchObject({ scores: [{ response: 0 }, { response: 1 }, { response: 2 }] });
    expect(item!.rubric).toEqual(history[1]!.rubric);

    const judge = ["judge", "refined.jsonl", "--mode", "chasing-the-tail", "--model", `${critic.url}#critic`];
    expect(await run(...judge, "--out", "scores.jsonl")).toMatchObject({ code: 0 });
    expect(read("scores.jsonl").map(({ coverage }) => coverage)).toEqual([1, 1, 1]);
  });

  it("refuse rows with nothing to tell apart, and recipes that cannot be used", async () => {
    write("r.jsonl", [{ prompt: "Why?", responses: ["a", "A"] }]);
    const model = ["--model", "http://127.0.0.1:9/v1#m"];
    const refine = await run("rubrics", "refine", "r.jsonl", ...model);
    expect(refine.stderr).toContain(
      "r.jsonl:1: responses hold 1 different ones that can be compared; give at least 2",
    );
    const condition = await run("rubrics", "refine", "r.jsonl", ...model, "--candidates-from", "x");
    expect(condition.stderr).toContain("--candidates-from goes with a --condition of one model");
    expect((await run("responses", "sample", "r.jsonl")).stderr).toContain("which models?");
    writeFileSync(join(scratch.path, "bad.yaml"), "models: [{model: a, cuont: 1}]");
    expect((await run("responses", "sample", "r.jsonl", "--recipe", "bad.yaml")).stderr).toBe(
      "armature: bad.yaml:1: unknown key models.0.cuont; did you mean count?\n",
    );
  });
});
