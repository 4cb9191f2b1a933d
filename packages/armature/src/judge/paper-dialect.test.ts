import { describe, expect, it } from "vitest";
import { characterEncoder, END, TURN } from "../../test/character-encoder.ts";
import type { Message, Prompt } from "../data/prompt.ts";
import type { ArmRubric } from "../rubric/arm-rubric.ts";
import { PAPER_LIMITS, paperDialect } from "./paper-dialect.ts";

const dialect = paperDialect(characterEncoder);
const prompt: Prompt = { id: "p", messages: [{ role: "user", content: "List {prompt} in ```code```." }] };
const rubric: ArmRubric = {
  criteria: [
    { text: "The response is a list.", kind: "hard-rule" },
    { text: "The response is easy to follow.", kind: "principle" },
  ],
};

describe("paperDialect", () => {
  it("asks the generator about the prompt only, in one user turn", () => {
    const text = characterEncoder.decode(dialect.generatorPrompt(prompt));
    expect(text.startsWith("<|mark|>user\n")).toBe(true);
    expect(text.endsWith("<|mark|><|mark|>assistant\n")).toBe(true);
    expect(text).toContain("\n````\nList {prompt} in ```code```.\n````\n");
  });

  it("shows the judge everything, the rubric as the generator wrote it", () => {
    const written = "1) The response is a {response_a}. [hard rule]";
    const text = characterEncoder.decode(
      dialect.judgePrompt(prompt, "first {rubric}", "second ````", written),
    );
    const at = [
      "List {prompt}",
      `\n\`\`\`\n${written}\n\`\`\`\n`,
      "first {rubric}",
      "`````\nsecond ````\n`````",
    ].map((part) => text.indexOf(part));
    expect(at.every((place, i) => place > (at[i - 1] ?? 0))).toBe(true);
    expect(text.split("first {rubric}").length).toBe(2);
  });

  it("shows a conversation with its speakers", () => {
    const messages: Message[] = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hello" },
    ];
    const text = characterEncoder.decode(dialect.generatorPrompt({ id: "c", messages }));
    expect(text).toContain("```\n[system]\nBe brief.\n\n[user]\nHello\n```");
  });

  it("ends completions with the first end token and reads up to any", () => {
    const tokens = dialect.judge.encodeCompletion("ab");
    expect([...tokens]).toEqual([97, 98, END]);
    expect(dialect.judge.decode(tokens)).toBe("ab");
    expect(dialect.generator.decode([97, TURN, 98])).toBe("a");
    expect(dialect.judge.stop).toEqual([END, TURN]);
  });

  it("has the paper's limits, or others", () => {
    expect([dialect.generator.maxTokens, dialect.judge.maxTokens]).toEqual([512, 1024]);
    const short = paperDialect(characterEncoder, { ...PAPER_LIMITS, rubricTokens: 128 });
    expect([short.generator.maxTokens, short.judge.maxTokens]).toEqual([128, 1024]);
  });

  it("reads the rubrics that it writes, and expects the judge to address each criterion", () => {
    const written = dialect.writeRubric(rubric);
    expect(dialect.readRubric(written)).toEqual({ ok: true, rubric });
    const lines = "- Criterion 1 [Hard Rule]: Justification: x\n- Criterion 2 [Principle]: Justification: y";
    const transcript = `--- Compliance Check ---
Identified Gatekeeper Criterion: Criterion 1
--- Analysis ---
**Response A:**
${lines}
**Response B:**
${lines}
--- Final Judgment ---
Justification: z
Winner: Response B`;
    expect(dialect.readJudgement(transcript, written)).toEqual({ winner: "B", formatOk: true });
    expect(dialect.readJudgement(transcript, `${written}\n3. The response is short. [Principle]`)).toEqual({
      winner: "B",
      formatOk: false,
      formatFault: "missing-criterion: 3 of response A",
    });
  });

  it("refuses a tokenizer without an end token", () => {
    expect(() => paperDialect({ ...characterEncoder, eosTokens: [] })).toThrow(
      /^the tokenizer names no end token; /,
    );
  });

  it("shows in its own prompt a form that its reader accepts", () => {
    const text = characterEncoder.decode(dialect.judgePrompt(prompt, "a", "b", dialect.writeRubric(rubric)));
    const form = text.slice(
      text.indexOf("--- Compliance Check ---"),
      text.indexOf("<|mark|><|mark|>assistant"),
    );
    const filled = form.replace("<Response A or Response B>", "Response A");
    expect(dialect.readJudgement(filled, dialect.writeRubric(rubric))).toEqual({
      winner: "A",
      formatOk: true,
    });
  });
});
