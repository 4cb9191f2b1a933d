import type { ForeignRow } from "./training-rows.ts";

const user = (content: string) => ({ role: "user", content });

const LEVELS = Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`score${n}_description`, `level ${n}`]));
const CHOICES = [1, 2, 3, 4, 5].map((n) => ({
  label: `${n}`,
  description: `level ${n}`,
  value: (n - 1) / 4,
}));

/** Tools with data sets of their own, and benchmarks. */
export const BENCHMARK_ROWS: readonly ForeignRow[] = [
  [
    "oumi",
    {
      prompt: "Q",
      system_prompt: "S",
      rubrics: [{ name: "n", description: "Is kind", weight: 0.5 }],
      metadata: { a: 1 },
    },
    [{ id: "n", text: "Is kind", weight: 0.5 }],
    { prompt: { messages: [{ role: "system", content: "S" }, user("Q")] } },
  ],
  [
    "tinker-cookbook",
    {
      convo: [user("Q")],
      rubric_items: [
        { rubric_str: "Is kind", extraction_regex: "<s>(.*)</s>", grader_output_format_instruction: "g" },
      ],
    },
    [{ text: "Is kind", weight: 1 }],
  ],
  [
    "dr-tulu",
    {
      messages: [user("Q")],
      ground_truth: JSON.stringify({
        Question: "Q",
        rubrics: [
          { Ingredient: "Cites", weight: 1, title: "T" },
          { Ingredient: "Invents", weight: -1, title: "U" },
        ],
      }),
    },
    [
      { text: "Cites", polarity: "good", title: "T" },
      { text: "Invents", weight: -1, polarity: "bad" },
    ],
  ],
  [
    "nemo-gym",
    {
      uuid: "u",
      responses_create_params: { input: [user("Q")], tools: [] },
      rubric: [
        { question: "Kind?", pass_criteria: "YES" },
        { question: "Rude?", pass_criteria: "no" },
      ],
      metadata: {},
    },
    [
      { text: "Kind?", polarity: "good" },
      { text: "Rude?", polarity: "bad" },
    ],
    { id: "u" },
  ],
  [
    "multichallenge",
    {
      QUESTION_ID: "m",
      AXIS: "A",
      CONVERSATION: [user("Q")],
      TARGET_QUESTION: "Kind?",
      PASS_CRITERIA: "NO",
      RESPONSES: { m1: "r1", m2: "r2" },
    },
    [{ text: "Kind?", polarity: "bad" }],
    { responses: [{ model: "m1", text: "r1" }, { model: "m2" }] },
  ],
  [
    "infobench",
    {
      id: "i",
      input: "the text",
      instruction: "Sum up",
      category: "c",
      decomposed_questions: ["Is it short?", "Is it true?"],
      question_label: [["Format"], ["Content"]],
      output: "o",
      eval: [true, false],
    },
    [
      { text: "Is it short?", tags: ["Format"] },
      { text: "Is it true?", tags: ["Content"] },
    ],
    {
      prompt: { messages: [user("Sum up\n\nthe text")] },
      responses: [{ text: "o", verdicts: [{ value: 1 }, { value: 0 }] }],
    },
  ],
  [
    "hellobench",
    {
      id: "h",
      category: "c",
      instruction: "Write",
      checklists: ["Long?", "Good?"],
      answers: [{ model: "m", response: "r", scores: [0.25, 1], reasons: ["short", "fine"] }],
    },
    [{ text: "Long?" }, { text: "Good?" }],
    { responses: [{ model: "m", verdicts: [{ value: 0.25, reason: "short" }, { value: 1 }] }] },
  ],
  [
    "biggen-bench",
    {
      id: "b",
      system_prompt: "S",
      input: "I",
      reference_answer: "R",
      score_rubric: {
        criteria: "Plans?",
        ...Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`score${n}_description`, `level ${n}`])),
      },
    },
    [
      {
        text: "Plans?",
        choices: [1, 2, 3, 4, 5].map((n) => ({
          label: `${n}`,
          description: `level ${n}`,
          value: (n - 1) / 4,
        })),
      },
    ],
    { reference: "R", prompt: { messages: [{ role: "system", content: "S" }, user("I")] } },
  ],
  [
    "prometheus-pair",
    {
      prompt: "Q",
      chosen: "c",
      rejected: "r",
      rubric: "[Is it\nkind?]\nScore 1: no\nScore 2: so\nso\nScore 3: yes",
    },
    [
      {
        text: "Is it\nkind?",
        choices: [
          { label: "1", description: "no", value: 0 },
          { label: "2", description: "so\nso", value: 0.5 },
          { label: "3", description: "yes", value: 1 },
        ],
      },
    ],
  ],
  [
    "deepresearch-bench",
    {
      id: 1,
      prompt: "Q",
      dimension_weight: { insight: 0.5, form: 0.25 },
      criterions: {
        insight: [{ criterion: "Deep", explanation: "e", weight: 0.5 }],
        form: [{ criterion: "Neat", explanation: "e", weight: 1 }],
      },
    },
    [
      { text: "Deep", weight: 0.25, tags: ["insight"] },
      { text: "Neat", weight: 0.25, tags: ["form"] },
    ],
  ],
  [
    "fields",
    {
      query: "Q",
      answer: "A",
      checklist: [
        { requirement_text: 1, item: "Kind", importance: "2" },
        { item: "Rude", importance: -1 },
      ],
    },
    [
      { text: "Kind", weight: 2, polarity: "good" },
      { text: "Rude", weight: -1, polarity: "bad" },
    ],
    { reference: "A" },
  ],
  [
    "ifeval",
    {
      key: 1,
      prompt: "Q",
      instruction_id_list: ["no_comma"],
      kwargs: [{ n: 2 }],
    },
    [{ text: "no_comma", verifier: { name: "no_comma", parameters: { n: 2 } } }],
  ],
  [
    "researchqa",
    { id: "r", query: "Q", field: "f", rubric: [{ rubric_item: "Cites?", type: ["Other"] }] },
    [{ text: "Cites?", tags: ["Other"] }],
  ],
  [
    "researcherbench",
    { id: 3, question: "Q", rubric: [{ point: "Covers it", weight: 2 }] },
    [{ text: "Covers it", weight: 2 }],
    { id: "3" },
  ],
  [
    "scholarqa-cs",
    {
      initial_prompt: "Q",
      case_id: "s",
      metric_config: {
        name: "m",
        config: {
          question: "Q",
          other_properties: [{ name: "n", criterion: "Defines it", weight: 0.5, evidence: ["e"] }],
        },
      },
    },
    [{ id: "n", text: "Defines it", weight: 0.5, extra: { evidence: ["e"] } }],
  ],
  [
    "prometheus",
    { criteria_description: "Organised?", aspect: "organisation", use_title: false, ...LEVELS },
    [{ text: "Organised?", choices: CHOICES }],
    { id: "organisation" },
  ],
  [
    "prometheus-prompt",
    {
      idx: 1,
      instruction: [
        "###Task Description:\nJudge.",
        "###The instruction to evaluate:\nSay hi",
        "###Response to evaluate:\nhi",
        "###Reference Answer (Score 5):\nhello",
        "###Score Rubrics:\n[Greets?]\nScore 1: no\nScore 2: yes",
        "###Feedback: ",
      ].join("\n\n"),
    },
    [
      {
        text: "Greets?",
        choices: [
          { label: "1", description: "no", value: 0 },
          { label: "2", description: "yes", value: 1 },
        ],
      },
    ],
    { reference: "hello", prompt: { messages: [user("Say hi")] }, responses: [{ text: "hi" }] },
  ],
  [
    "writingbench",
    {
      index: 4,
      query: "Q",
      criteria: [
        {
          name: "Tone",
          criteria_description: "Fits?",
          "1-2": "a",
          "3-4": "b",
          "5-6": "c",
          "7-8": "d",
          "9-10": "e",
        },
      ],
    },
    [{ text: "Fits?", title: "Tone" }],
  ],
  [
    "hbq-module",
    {
      module_id: "m",
      title: "Sheet",
      tree: [
        {
          id: "g",
          type: "group",
          children: [
            {
              id: "q1",
              type: "question",
              text: "Is it named?",
              pass_answer: "YES",
              weight: 1.5,
              question_type: "scored",
            },
            {
              id: "q2",
              type: "question",
              text: "Is it cut off?",
              pass_answer: "NO",
              weight: 1,
              question_type: "hard_gate",
            },
          ],
        },
      ],
    },
    [
      { id: "q1", weight: 1.5, polarity: "good", tags: ["g"] },
      { id: "q2", polarity: "bad", gate: true },
    ],
    { rubric: { title: "Sheet" } },
  ],
];
