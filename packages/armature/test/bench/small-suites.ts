import type { JsonlRow } from "../../src/data/read-jsonl.ts";

/** A row at a made-up place, for readers of suites. */
export function rowOf(value: Readonly<Record<string, unknown>>, file = "suite.jsonl"): JsonlRow {
  return { file, line: 1, value };
}

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });

/** Rows in the layout in which each suite is published, with texts of our own. */
export const SMALL_ROWS: Readonly<Record<string, readonly JsonlRow[]>> = {
  llmbar: [
    rowOf({ subset: "LLMBar/Natural", input: "Name a bird.", output_1: "Oak", output_2: "Wren", label: 2 }),
  ],
  evalbiasbench: [
    rowOf({
      bias: "length bias",
      instruction: "Say hi.",
      response1: "Hi",
      response2: "Hi and more",
      label: 1,
    }),
  ],
  pandalm: [
    rowOf({
      ...{ instruction: "Add.", input: "2 + 2", response1: 4, response2: "It is five." },
      ...{ annotator1: 1, annotator2: 1, annotator3: 0 },
    }),
    rowOf({
      ...{ instruction: "Say yes.", input: "", response1: "No", response2: true },
      ...{ annotator1: 2, annotator2: 2, annotator3: 2 },
    }),
    rowOf({
      ...{ instruction: "Pick one.", input: "", response1: "A", response2: "B" },
      ...{ annotator1: 0, annotator2: 1, annotator3: 2 },
    }),
  ],
  "ifbench-rm": [
    rowOf({
      text_chosen: [user("In one word?"), assistant("Yes")],
      text_rejected: [user("In one word?"), assistant("Yes indeed")],
      domain: "level-1",
    }),
  ],
  "rm-bench-chat": ["rmbench_chat_normal_pairs.jsonl.gz", "rmbench_chat_hard_pairs.jsonl.gz"].map((file) =>
    rowOf(
      {
        text_chosen: [user("Why?"), assistant("So")],
        text_rejected: [user("Why?"), assistant("No")],
        domain: "chat",
      },
      `data/${file}`,
    ),
  ),
  "judgebench-knowledge": [
    rowOf({
      text_chosen: [user("1 or 2?"), assistant("1")],
      text_rejected: [user("1 or 2?"), assistant("2")],
      domain: "gpt",
    }),
  ],
  "hh-rlhf": [
    rowOf({
      chosen: "\n\nHuman: Hi\n\nAssistant: Hello",
      rejected: "\n\nHuman: Hi\n\nAssistant: Go away",
    }),
  ],
  hhh: [rowOf({ source: "honest", prompt: "Who are you?", chosen: "A program.", rejected: "A king." })],
  "preference-pairs": [
    rowOf({ prompt: "Hi", chosen: "Hello", rejected: "What" }, "x/ultrafeedback_eval.jsonl.gz"),
  ],
  rewardbench: [
    rowOf({
      prompt: "Hi",
      chosen: "Hello",
      rejected: "What",
      subset: "mt-bench-easy",
      id: 1,
      chosen_model: "m",
    }),
  ],
  "rewardbench-2": [
    rowOf({
      id: "7",
      prompt: "Hi",
      chosen: ["Hello"],
      rejected: ["A", "B", "C"],
      subset: "Focus",
      num_correct: 1,
    }),
    rowOf({ id: "ref:1", prompt: "Name pi.", chosen: ["3.14"], rejected: ["4", "5"], subset: "Ties" }),
    rowOf({
      id: "tied:1",
      prompt: "Name a colour.",
      chosen: ["red", "blue"],
      rejected: ["dog"],
      subset: "Ties",
    }),
  ],
  "rm-bench": [
    rowOf({
      ...{ id: "chat/1", prompt: "Hi", domain: "chat" },
      ...{ chosen: ["a1", "a2", "a3"], rejected: ["b1", "b2", "b3"] },
    }),
  ],
  judgebench: [
    rowOf({
      question: "2 + 2?",
      response_A: "5",
      response_B: "4",
      label: "B>A",
      source: "mmlu-pro-math",
      pair_id: "p",
    }),
  ],
  "ppe-human": [
    rowOf({ prompt: "Hi", response_1: "Hello", response_2: "Go", winner: "model_a", language: "English" }),
  ],
  "ppe-correctness": [
    rowOf(
      {
        ...{ prompt: "2 + 2?", response_1: "5", response_2: "4", response_3: "6" },
        ...{
          scores: [false, true, false],
          sampled_conflict_pairs: [
            [1, 0],
            [2, 1],
          ],
        },
      },
      "ppe/math.parquet",
    ),
  ],
  helpsteer3: [
    rowOf({
      context: [user("Hi"), assistant("Yes?"), user("Bye")],
      ...{ response1: "Ciao", response2: "What", overall_preference: -2, domain: "general" },
    }),
  ],
  "auto-j": [
    rowOf({
      ...{ scenario: "seeking_advice", label: 1, prompt: "Which way?" },
      ...{ "response 1": "No idea.", "response 2": "Left." },
    }),
    rowOf({
      ...{ scenario: "chitchat", label: 2, prompt: "Hi" },
      ...{ "response 1": "Hello.", "response 2": "Hey." },
    }),
  ],
  infobench: [true, false, true].map((second, i) =>
    rowOf({
      ...{ id: "task_1", instruction: "Write a title.", input: "About avocados.", subset: "Easy_set" },
      ...{ decomposed_questions: ["Is it a title?", "Is it about avocados?"], question_label: [["Format"]] },
      ...{ output: `title ${i}`, eval: [true, second] },
    }),
  ),
  followbench: [true, false].map((kept) =>
    rowOf({
      ...{ example_id: 3, category: "format, content", source: "s", level: 2, target: "" },
      ...{
        instruction: "List two birds in capitals.",
        output: kept ? "WREN, OAK" : "wren",
        eval: [kept, true],
      },
    }),
  ),
  "writing-preference": [
    rowOf({
      ...{ prompt: "A story.", genre: "Fiction", language: "en", metadata: { score_gap: 2 } },
      ...{ chosen: { text: "It rained.", score: 3 }, rejected: { text: "It was a day.", score: 1 } },
    }),
  ],
  pairs: [rowOf({ prompt: "Hi", response_a: "Go", response_b: "Hello", winner: "B" }, "my/own.jsonl")],
};
