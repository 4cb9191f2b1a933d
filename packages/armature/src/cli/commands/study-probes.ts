import type { Command } from "commander";
import type { PreferencePair } from "../../data/prompt.ts";
import { lastUserTurn } from "../../data/prompt.ts";
import { readRequest } from "../../sandbox/note-request.ts";
import { hackingProbes } from "../../study/hacking-probes.ts";
import { probeReport } from "../../study/probe-report.ts";
import { type ProbeStudy, studyProbes } from "../../study/probe-study.ts";
import { sandboxProbes } from "../../study/sandbox-probes.ts";
import type { CommandContext } from "../command.ts";
import { definePairStudy } from "../scoring/pair-study.ts";
import type { ScoringSession } from "../scoring/scoring-session.ts";

const EXAMPLE =
  "armature study probes llmbar --data ../shared/data --sample 40 --scorer length --out study-probes";

export function define(command: Command, context: CommandContext): void {
  definePairStudy<ProbeStudy>(command, context, EXAMPLE, {
    measure: (pairs, session, seed) =>
      studyProbes(
        pairs.map((pair) => ({
          prompt: pair.prompt,
          honest: pair.chosen,
          probes: probesOf(pair, session),
        })),
        session.scorer,
        { seed, ...session.judging },
      ),
    isEmpty: ({ probes }) => probes.every(({ judged }) => judged === 0),
    report: probeReport,
  });
}

/** The sandbox's models know its words only, so its requests have probes of their own. */
function probesOf({ prompt, chosen }: PreferencePair, { rubricText }: ScoringSession) {
  return readRequest(lastUserTurn(prompt)).ok
    ? sandboxProbes(prompt, chosen)
    : hackingProbes(prompt, chosen, rubricText(prompt));
}
