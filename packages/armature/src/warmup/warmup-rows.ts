import { SeededStream } from "@armature/engine";
import type { Message, PreferencePair } from "../data/prompt.ts";
import type { PaperMessages } from "../judge/paper-dialect.ts";
import { showPair } from "../judge/shown-pair.ts";
import type { ArmRubric } from "../rubric/arm-rubric.ts";
import { writeArmText } from "../rubric/arm-text.ts";
import { countedLead, teacherJudgement } from "./judge-teacher.ts";
import { teacherRubric } from "./rubric-teacher.ts";

/** One supervised example, as the files of a recipe's `warmup` section hold it. */
export interface WarmupRow {
  readonly prompt: readonly Message[];
  readonly completion: string;
}

/** Rubrics drawn for a pair. More would leave only the principles that happen to follow the labels. */
const DRAWS = 4;

/** Of a few rubrics that the teacher draws, the one by which counting speaks most for the chosen response. */
export function lessonRubric(pair: PreferencePair, seed: number): ArmRubric {
  const drawn = Array.from({ length: DRAWS }, (_, draw) => {
    const rubric = teacherRubric(pair.prompt, new SeededStream(seed, "lesson rubric", pair.id, draw));
    return { rubric, lead: countedLead(pair.prompt, rubric, pair.chosen, pair.rejected) };
  });
  return drawn.reduce((best, next) => (next.lead > best.lead ? next : best)).rubric;
}

export function generatorRow(messages: PaperMessages, pair: PreferencePair, seed: number): WarmupRow {
  return { prompt: messages.generator(pair.prompt), completion: writeArmText(lessonRubric(pair, seed)) };
}

/** The pair in both orders, so that neither side wins more often. */
export function judgeRows(messages: PaperMessages, pair: PreferencePair, seed: number): readonly WarmupRow[] {
  const rubric = lessonRubric(pair, seed);
  return (["given", "swapped"] as const).map((order) => {
    const { responseA, responseB, chosenSide: preferred } = showPair(pair, order);
    return {
      prompt: messages.judge(pair.prompt, responseA, responseB, writeArmText(rubric)),
      completion: teacherJudgement({ prompt: pair.prompt, responseA, responseB, rubric, preferred }),
    };
  });
}
