import type { Command } from "commander";
import { MARKS, RESTYLINGS } from "../../study/interventions.ts";
import { surfaceReport } from "../../study/surface-report.ts";
import { type SurfaceStudy, studySurface } from "../../study/surface-study.ts";
import type { CommandContext } from "../command.ts";
import { definePairStudy } from "../scoring/pair-study.ts";

const EXAMPLE = "armature study style pairs.jsonl --model judge.yaml --mode likert --out study-style";

export function define(command: Command, context: CommandContext): void {
  definePairStudy<SurfaceStudy>(command, context, EXAMPLE, {
    measure: (pairs, { scorer, judging }, seed) =>
      studySurface(pairs, scorer, MARKS, RESTYLINGS, { seed, ...judging }),
    isEmpty: ({ accuracy }) => accuracy === null,
    report: surfaceReport,
  });
}
