import type { SeededStream } from "@armature/engine";
import { ATTRIBUTE_NAMES, type CriterionName, isRule, PRINCIPLE_NAMES, RULE_NAMES } from "./lexicon.ts";
import { drillPrompt, nanoDialect, tallyPrompt } from "./nano-dialect.ts";
import { idOf } from "./nano-vocabulary.ts";
import { randomNote, shows, type WritingHabits, writeNote } from "./note.ts";
import { randomRequest, writeRequest } from "./note-request.ts";
import { gatekeeperOf, rubricText } from "./rubric-language.ts";
import { teacherCriteria, teacherTranscript, teacherWinner } from "./teacher.ts";
import { trueVerdicts, writeAnalysis, writeCompliance, writeFinal } from "./transcript.ts";
import { randomPair, TRAINING_PAIRS } from "./world.ts";

/** One supervised example of the warm-up. */
export interface Lesson {
  readonly kind: "rubric" | "judgement" | "drill" | "tally" | "note";
  readonly prompt: Int32Array;
  readonly completion: Int32Array;
  /** One per completion token: principles weigh more, because they carry the information. */
  readonly weights: Float32Array;
}

const PRINCIPLE_WEIGHT = 6;
const PRINCIPLE_IDS: ReadonlySet<number> = new Set(PRINCIPLE_NAMES.map(idOf));

/** Notes of a drill show and lack each element equally often: a rare truth is read badly, and broken rules are rare. */
const DRILL_HABITS: WritingHabits = {
  elements: { greeting: 0.5, question: 0.5, time: 0.5, place: 0.5, money: 0.5 },
  attributeCounts: [0, 0.35, 0.35, 0.3],
};
const DRILL_RULES = 2;
const DRILL_PRINCIPLES = 3;

/** Pairs of the lessons break rules more often than those of the world, for the same reason. */
const LESSON_PAIRS = { ...TRAINING_PAIRS, brokenRuleShare: 0.35 };

export function lesson(kind: Lesson["kind"], prompt: Int32Array, completion: Int32Array): Lesson {
  const weights = Float32Array.from(completion, (id) => (PRINCIPLE_IDS.has(id) ? PRINCIPLE_WEIGHT : 1));
  return { kind, prompt, completion, weights };
}

/** A request and the teacher's rubric. */
export function rubricLesson(stream: SeededStream): Lesson {
  const request = randomRequest(stream);
  const prompt = { id: "lesson", messages: [{ role: "user", content: writeRequest(request) }] } as const;
  return lesson(
    "rubric",
    Int32Array.from(nanoDialect.generatorPrompt(prompt)),
    nanoDialect.generator.encodeCompletion(rubricText(teacherCriteria(stream, request))),
  );
}

/** A pair in random order, the teacher's rubric and its whole transcript. */
export function judgementLesson(stream: SeededStream): Lesson {
  const { pair, truth } = randomPair(stream, "lesson", LESSON_PAIRS);
  const criteria = teacherCriteria(stream, truth.request);
  const [a, b] = stream.shuffled([truth.chosen, truth.rejected]);
  return lesson(
    "judgement",
    Int32Array.from(nanoDialect.judgePrompt(pair.prompt, writeNote(a!), writeNote(b!), rubricText(criteria))),
    nanoDialect.judge.encodeCompletion(teacherTranscript(stream, criteria, a!, b!)),
  );
}

/** Verdicts only, without a request that would give them away: two rules, three principles that one of the notes may show. */
export function drillLesson(stream: SeededStream): Lesson {
  const request = { ...randomRequest(stream), rules: [] };
  const [a, b] = [
    randomNote(stream, request, undefined, DRILL_HABITS),
    randomNote(stream, request, undefined, DRILL_HABITS),
  ];
  const shown = ATTRIBUTE_NAMES.filter((name) => shows(a, name) || shows(b, name));
  const criteria = new Set<CriterionName>(stream.sample(RULE_NAMES, DRILL_RULES));
  while (criteria.size < DRILL_RULES + DRILL_PRINCIPLES) {
    criteria.add(stream.chance(0.7) ? stream.pick(shown) : stream.pick(PRINCIPLE_NAMES));
  }
  const lines = stream.shuffled([...criteria]);
  return lesson(
    "drill",
    drillPrompt(writeNote(a), writeNote(b), rubricText(lines)),
    nanoDialect.judge.encodeCompletion(writeAnalysis(lines, trueVerdicts(lines, a, b))),
  );
}

/** Verdicts are given, only the final section is learnt: a cheap lesson in adding up. */
export function tallyLesson(stream: SeededStream): Lesson {
  const criteria = [...randomRequest(stream).rules, ...stream.sample(PRINCIPLE_NAMES, 2)];
  const invented = () => criteria.map((name) => stream.chance(isRule(name) ? 0.8 : 0.4));
  const verdicts = { A: invented(), B: invented() };
  const gatekeeper = gatekeeperOf(criteria);
  return lesson(
    "tally",
    tallyPrompt(`${writeCompliance(gatekeeper)} ${writeAnalysis(criteria, verdicts)}`),
    nanoDialect.judge.encodeCompletion(
      writeFinal(gatekeeper, verdicts, teacherWinner(stream, criteria, verdicts)),
    ),
  );
}

/**
 * A batch of the judge's warm-up, of one kind so that its rows have similar lengths: drills and tallies in the first half,
 * whole judgements later. `progress` in [0, 1); tallies are short, so they come in twice the number.
 */
export function judgeLessons(stream: SeededStream, size: number, progress: number): Lesson[] {
  const [drills, tallies] = progress < 0.5 ? [0.55, 0.2] : [0.25, 0.15];
  const draw = stream.next();
  const [teach, count] =
    draw < drills
      ? [drillLesson, size]
      : draw < drills + tallies
        ? [tallyLesson, 2 * size]
        : [judgementLesson, size];
  return Array.from({ length: count }, () => teach(stream));
}

/** A batch of the generator's warm-up. */
export function generatorLessons(stream: SeededStream, size: number): Lesson[] {
  return Array.from({ length: size }, () => rubricLesson(stream));
}
