import { promptId } from "../../data/content-id.ts";
import type { JsonlRow } from "../../data/read-jsonl.ts";
import { textOf } from "../../data/row-fields.ts";
import { type Instruction, readInstructions } from "../../instructions/instruction-types.ts";
import { checkInstructions, type VerifyMode } from "../../instructions/verify-instructions.ts";
import type { Grade, Mark, Measure, PolicySuite, PolicyTask } from "../policy-suite.ts";

const MODES = ["strict", "loose"] as const satisfies readonly VerifyMode[];

const MEASURES: readonly Measure[] = MODES.flatMap((mode) =>
  (["prompt", "instruction"] as const).map((level) => ({
    name: `${level}-${mode}`,
    label: `${level} level, ${mode}`,
    format: "percent" as const,
    over: "marks" as const,
  })),
);

/** Prompts with instructions that a program checks; `given` names the field of a response in the file and who wrote it. */
function instructionSuite(
  parts: Pick<PolicySuite, "name" | "title" | "files"> & {
    readonly given: { readonly field: string; readonly model: string };
  },
): PolicySuite {
  const { given, ...rest } = parts;
  return {
    ...rest,
    maxTokens: 2048,
    runsDiffer: false,
    measures: MEASURES,
    read: (row, { run }) => [instructionTask(row, run, given)],
  };
}

function instructionTask(
  { value, file, line }: JsonlRow,
  run: number,
  given: { readonly field: string; readonly model: string },
): PolicyTask {
  const instructions = readInstructions(value["instruction_id_list"], value["kwargs"]);
  const messages = [{ role: "user" as const, content: textOf(value["prompt"], "prompt") }];
  const { key } = value;
  const id = typeof key === "string" || typeof key === "number" ? String(key) : `line ${line}`;
  const response = value[given.field];
  return {
    id: run === 0 ? id : `${id}#${run + 1}`,
    ...{ question: id, run, source: { file, line } },
    subset: familyOf(instructions[0]!.id),
    prompt: { id: promptId(messages), messages },
    given: typeof response === "string" ? [{ text: response, model: given.model }] : [],
    grade: ({ text }) => gradeInstructions(instructions, text),
  };
}

/** IFEval's accuracies: per prompt (all instructions followed) and per instruction, the latter also by type. */
function gradeInstructions(instructions: readonly Instruction[], response: string): Grade {
  const marks = MODES.flatMap((mode): readonly Mark[] => {
    const { followed, all } = checkInstructions(instructions, response, mode);
    return [
      ...(all === null ? [] : [{ measure: `prompt-${mode}`, group: null, value: Number(all) }]),
      ...followed.flatMap((one, i) =>
        one === null
          ? []
          : [null, familyOf(instructions[i]!.id), instructions[i]!.id].map((group) => ({
              measure: `instruction-${mode}`,
              ...{ group, value: Number(one) },
            })),
      ),
    ];
  });
  const strict = checkInstructions(instructions, response, "strict").followed;
  const unchecked = strict.filter((one) => one === null).length;
  const count = `${strict.filter((one) => one === true).length} of ${strict.length - unchecked} instructions`;
  return { marks, note: unchecked === 0 ? count : `${count}, ${unchecked} without a checker` };
}

function familyOf(id: string): string {
  return id.split(":")[0]!;
}

/** IFEval (Zhou et al. 2023); the file of the published GPT-4 responses is read as well. */
export const ifeval = instructionSuite({
  name: "ifeval",
  title: "IFEval",
  files: ["ifeval-ifbench/ifeval.jsonl.gz"],
  given: { field: "gpt4_response", model: "gpt-4" },
});

/** IFBench (Pyatkin et al. 2025). */
export const ifbench = instructionSuite({
  name: "ifbench",
  title: "IFBench",
  files: ["ifeval-ifbench/ifbench.jsonl.gz"],
  given: { field: "sample_response", model: "sample" },
});
