import type { Command } from "commander";
import { LENGTH, PADDINGS } from "../../study/interventions.ts";
import { surfaceReport } from "../../study/surface-report.ts";
import { type SurfaceStudy, studySurface } from "../../study/surface-study.ts";
import type { CommandContext } from "../command.ts";
import { definePairStudy } from "../scoring/pair-study.ts";

const EXAMPLE = "armature study length llmbar --data ../shared/data --scorer length --out study-length";

export function define(command: Command, context: CommandContext): void {
  definePairStudy<SurfaceStudy>(command, context, EXAMPLE, {
    measure: (pairs, { scorer, judging }, seed) =>
      studySurface(pairs, scorer, LENGTH, PADDINGS, { seed, ...judging }),
    isEmpty: ({ accuracy }) => accuracy === null,
    report: surfaceReport,
  });
}
