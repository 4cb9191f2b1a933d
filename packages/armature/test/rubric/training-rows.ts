import type { Row } from "../../src/data/row-fields.ts";
import type { Criterion } from "../../src/rubric/rubric.ts";

/** A row of a foreign format, written for the tests, what its criteria must become, and the rest of the item. */
export type ForeignRow = readonly [
  format: string,
  row: Row,
  criteria: readonly Partial<Criterion>[],
  rest?: object,
];

const user = (content: string) => ({ role: "user", content });

/** Data sets and tools that train or grade with rubrics. */
export const TRAINING_ROWS: readonly ForeignRow[] = [
  [
    "healthbench",
    {
      prompt_id: "p1",
      prompt: [user("My knee hurts")],
      rubrics: [
        { criterion: "Asks since when", points: 7, tags: ["axis:context"] },
        { criterion: "Recommends surgery", points: -9, tags: [] },
      ],
      example_tags: ["theme:x"],
      ideal_completions_data: { ideal_completion: "Since when?", ideal_completions_group: null },
    },
    [
      { text: "Asks since when", weight: 7, polarity: "good", tags: ["axis:context"] },
      { text: "Recommends surgery", weight: -9, polarity: "bad" },
    ],
    { id: "p1", reference: "Since when?" },
  ],
  [
    "rar",
    {
      question: "Why is the sky blue?",
      reference_answer: "Rayleigh scattering",
      question_source: "s",
      rubric: [
        { title: "Names it", description: "Essential Criteria: Names Rayleigh scattering.", weight: 5 },
        { title: "No Mie", description: "Pitfall Criteria: Avoids blaming dust.", weight: -1 },
        { title: "Angle", description: "Pitfall Criteria: Does not mention the wavelength.", weight: -2 },
        { title: "Sea", description: "Pitfall Criteria: Recommends looking at the sea.", weight: -1 },
        { title: "Plain", description: "Is plain", weight: 1 },
      ],
      rubric_list: ["x"],
      rubric_count: 5,
    },
    [
      {
        text: "Names Rayleigh scattering.",
        weight: 5,
        polarity: "good",
        category: "essential",
        title: "Names it",
      },
      { text: "Avoids blaming dust.", weight: -1, polarity: "good", category: "pitfall" },
      { text: "Does not mention the wavelength.", weight: -2, polarity: "bad", category: "pitfall" },
      { text: "Recommends looking at the sea.", weight: -1, polarity: "bad", category: "pitfall" },
      { text: "Is plain", weight: 1, polarity: "good" },
    ],
    { reference: "Rayleigh scattering" },
  ],
  [
    "openrubrics",
    {
      instruction: "Say hi",
      response_a: "hi",
      response_b: "no",
      winner: "A",
      rubric: "**1.** The response greets. [Hard Rule]\n2) The response is warm. [Principle]",
      source: "s",
    },
    [
      { text: "The response greets.", kind: "hard-rule" },
      { text: "The response is warm.", kind: "principle" },
    ],
    { responses: [{ text: "hi" }, { text: "no" }] },
  ],
  [
    "openrubrics",
    {
      question_id: "q",
      prompt: "Say hi",
      chosen: "hi",
      rejected: "",
      rubric: "1. The response greets. [Hard Rule]",
    },
    [{ text: "The response greets.", kind: "hard-rule" }],
    { id: "q", responses: [{ text: "hi" }, { text: "" }] },
  ],
  [
    "chasing-the-tail",
    { prompt: "P", rubrics: [{ criterion: "a", weight: 3 }], number_of_criteria: 1, total_weight: 3 },
    [{ text: "a", weight: 3, polarity: "good" }],
  ],
  [
    "chasing-the-tail",
    {
      id: "7",
      prompt: "P",
      criteria: [{ local_id: "k", criterion: "a", weight: 2 }],
      total_criteria: 1,
      total_weight: 2,
    },
    [{ id: "k", text: "a", weight: 2 }],
    { id: "7" },
  ],
  [
    "rubric-hub",
    {
      data_source: "d",
      prompt: [user("P")],
      ability: "w",
      reward_model: {
        Rubric: [
          {
            criterion: "a",
            points: 4,
            tags: { verifier: "rule", function: "max_words", parameters: { n: 9 } },
          },
          { criterion: "b", points: -2, tags: { verifier: "llm" } },
          { criterion: "c", points: 1, tags: ["verifier:llm", "axis:style"] },
        ],
        ground_truth: "",
        style: "rubric",
      },
      extra_info: { index: 3 },
    },
    [
      { text: "a", weight: 4, verifier: { name: "max_words", parameters: { n: 9 } } },
      { text: "b", weight: -2, polarity: "bad" },
      { text: "c", tags: ["verifier:llm", "axis:style"] },
    ],
  ],
  [
    "rubric-hub",
    { question: "P", id: 4, rubrics: [{ criterion: "a", points: 4 }] },
    [{ text: "a", weight: 4 }],
    { id: "4" },
  ],
  [
    "prbench",
    {
      task: "t1",
      turns: 2,
      prompt_0: "A",
      response_0: "B",
      prompt_1: "C",
      response_1: null,
      prompt_2: null,
      reference_texts_0: ["r"],
      rubric: [
        {
          id: "x",
          title: "Says so",
          annotations: {
            weight_class: "critically important",
            critically_important_weight: 9,
            detrimental_weight: -3,
            criteria_category: "Law",
          },
        },
        { id: "y", title: "Errs", annotations: { weight_class: "detrimental", detrimental_weight: -6 } },
      ],
    },
    [
      { id: "x", text: "Says so", weight: 9, polarity: "good", tags: ["Law"] },
      { id: "y", text: "Errs", weight: -6, polarity: "bad" },
    ],
    { id: "t1", prompt: { messages: [user("A"), { role: "assistant", content: "B" }, user("C")] } },
  ],
  [
    "verifiers",
    {
      criteria: [
        { name: "short", text: "Is short", weight: 2, choices: ["no", "yes"] },
        { name: "grade", text: "How good?", choices: ["bad", "fair", "good"] },
      ],
      view: "last_reply",
    },
    [
      { id: "short", text: "Is short", weight: 2 },
      {
        id: "grade",
        weight: 1,
        choices: [
          { label: "bad", value: 0 },
          { label: "fair", value: 0.5 },
          { label: "good", value: 1 },
        ],
      },
    ],
  ],
  [
    "autorubric",
    {
      prompt: "P",
      rubric: [
        { weight: 10, requirement: "Is right" },
        { weight: -5, requirement: "Is rude" },
        {
          name: "tone",
          weight: 3,
          requirement: "Tone?",
          scale_type: "ordinal",
          options: [
            { label: "high", value: 1 },
            { label: "low", value: 0 },
            { label: "n/a", value: 0, na: true },
          ],
        },
      ],
      items: [{ submission: "S", description: "d", ground_truth: ["MET", "CANNOT_ASSESS", "low"] }],
    },
    [
      { weight: 10, polarity: "good" },
      { weight: -5, polarity: "bad" },
      {
        id: "tone",
        choices: [
          { label: "low", value: 0 },
          { label: "high", value: 1 },
        ],
      },
    ],
    {
      responses: [
        {
          text: "S",
          verdicts: [
            { status: "scored", value: 1 },
            { status: "abstained" },
            { status: "scored", value: 0, choice: "low" },
          ],
        },
      ],
    },
  ],
  [
    "promptfoo",
    {
      prompts: ["{{question}}"],
      tests: [
        { vars: { question: "Q" }, assert: [{ type: "contains", value: "x" }] },
        {
          description: "second",
          vars: { question: "Q" },
          assert: [
            { type: "icontains", value: "y" },
            { type: "llm-rubric", value: "Is kind", weight: 2, threshold: 0.8 },
            { type: "not-llm-rubric", value: "Is rude" },
          ],
        },
      ],
    },
    [
      { text: "Is kind", weight: 2, polarity: "good" },
      { text: "Is rude", weight: 1, polarity: "bad" },
    ],
    { prompt: { messages: [user("Q")] } },
  ],
];
