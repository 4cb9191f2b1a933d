import type { Command } from "commander";
import { ConfigError } from "../../errors.ts";
import { positionReport } from "../../study/position-report.ts";
import { type PositionStudy, studyPosition } from "../../study/position-study.ts";
import type { CommandContext } from "../command.ts";
import { definePairStudy } from "../scoring/pair-study.ts";

const EXAMPLE = "armature study position pairs.jsonl --run runs/quickstart --out study-position";

export function define(command: Command, context: CommandContext): void {
  definePairStudy<PositionStudy>(command, context, EXAMPLE, {
    async measure(pairs, { scorer, judging: { onProgress } }, seed) {
      if ("score" in scorer)
        throw new ConfigError(
          "a scorer of single responses shows none first; position is for --run, --recipe or --mode pairwise",
        );
      return studyPosition(pairs, scorer, { seed, ...(onProgress !== undefined && { onProgress }) });
    },
    isEmpty: ({ accuracy }) => accuracy.accuracy === null,
    report: positionReport,
  });
}
