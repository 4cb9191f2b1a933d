import { describe, expect, it } from "vitest";
import { ScriptedModel } from "./scripted-model.ts";

const ask = (content: string, n = 1) => ({
  messages: [{ role: "user" as const, content }],
  maxTokens: 9,
  temperature: 0,
  n,
});

describe("ScriptedModel", () => {
  it("uses a list up, one entry an answer, and keeps what it was asked", async () => {
    const model = new ScriptedModel(["a", { text: "b", finishReason: "length" }, "c"]);
    const { choices } = await model.complete(ask("q", 2), { purpose: "judge" });
    expect(choices).toEqual([
      { text: "a", finishReason: "stop" },
      { text: "b", finishReason: "length" },
    ]);
    expect((await model.complete(ask("q"))).choices[0]?.text).toBe("c");
    await expect(model.complete(ask("q"))).rejects.toThrow("scripted: the script has no reply left; add one");
    expect(model.calls[0]).toEqual({ request: ask("q", 2), options: { purpose: "judge" } });
  });

  it("looks a map up by the last message, and asks a function for each answer", async () => {
    const map = new ScriptedModel(new Map([["lamp", "MET"]]), "by-map");
    expect((await map.complete(ask("lamp", 2))).choices.map(({ text }) => text)).toEqual(["MET", "MET"]);
    await expect(map.complete(ask("key"))).rejects.toThrow(
      'by-map: the script has no reply to "key"; add one',
    );
    const counting = new ScriptedModel(async ({ messages }, index) => `${messages[0]?.content} ${index}`);
    expect((await counting.complete(ask("q", 2))).choices.map(({ text }) => text)).toEqual(["q 0", "q 1"]);
    const failing = new ScriptedModel(() => new Error("out of order"));
    await expect(failing.complete(ask("q"))).rejects.toThrow("out of order");
  });
});
