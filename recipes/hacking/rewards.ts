import { join, resolve } from "node:path";

/** A reward that tricks are tried on. */
export interface TriedReward {
  readonly name: string;
  /** The recipe's `reward` section for a seed; `runs` is the folder of trained reward models. */
  readonly section: (seed: number, runs: string) => Readonly<Record<string, unknown>>;
  /** False where every seed has the same reward. */
  readonly seeded: boolean;
}

const fixed = (name: string, section: Readonly<Record<string, unknown>>): TriedReward => ({
  name,
  section: () => section,
  seeded: false,
});
const NOTE_RUBRIC = join(import.meta.dirname, "../arm-policy/note.yaml");
const armRun = (seed: number, runs: string) => join(resolve(runs), `arm-${seed}`);

/** Every reward of the project that can judge the sandbox's notes. */
export const REWARDS: readonly TriedReward[] = [
  fixed("truth", { kind: "sandbox-truth" }),
  fixed("rubric-arm, warm-up", { kind: "rubric-arm", run: null }),
  {
    name: "rubric-arm, trained",
    section: (seed, runs) => ({ kind: "rubric-arm", run: armRun(seed, runs) }),
    seeded: true,
  },
  fixed("direct judge, warm-up", { kind: "rubric-arm", run: null, rubric: "generic" }),
  {
    name: "direct judge, trained",
    section: (seed, runs) => ({ kind: "rubric-arm", run: armRun(seed, runs), rubric: "generic" }),
    seeded: true,
  },
  {
    name: "bradley-terry",
    section: (seed, runs) => ({ kind: "bradley-terry", run: join(resolve(runs), `bradley-terry-${seed}`) }),
    seeded: true,
  },
  fixed("rubric by program", { kind: "sandbox-rubric", rubrics: "teacher" }),
  fixed("likert by script", { kind: "sandbox-rubric", scoring: "likert" }),
  fixed("rubric by nano judge, warm-up", {
    ...{ kind: "sandbox-rubric", rubrics: "generator", reader: "nano-judge", scoring: "chasing-the-tail" },
    run: null,
  }),
  {
    name: "rubric by nano judge, trained",
    section: (seed, runs) => ({
      ...{ kind: "sandbox-rubric", rubrics: "generator", reader: "nano-judge", scoring: "chasing-the-tail" },
      run: armRun(seed, runs),
    }),
    seeded: true,
  },
  {
    name: "rubric-arm, trained, notes only",
    section: (seed, runs) => ({
      kind: "combined",
      closedValue: -0.5,
      parts: {
        judge: { weight: 1, gate: null, reward: { kind: "rubric-arm", run: armRun(seed, runs) } },
        note: { weight: 0, gate: 1, reward: { kind: "program-rubric", rubricFile: NOTE_RUBRIC } },
      },
    }),
    seeded: true,
  },
];

/** The `--set` that gives a recipe this reward. */
export function rewardSetting({ section }: TriedReward, seed: number, runs: string): string {
  return `reward=${JSON.stringify(section(seed, runs))}`;
}
