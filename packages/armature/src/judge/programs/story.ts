import { lastUserTurn, type Prompt } from "../../data/prompt.ts";
import { RowFault } from "../../data/row-fields.ts";
import { countOf } from "../../instructions/instruction-type.ts";
import { sentencesOf } from "../../instructions/text/sentences.ts";
import { wordRuns } from "../../instructions/text/words.ts";
import type { TextPrograms } from "./text-program.ts";

/** Who a story's opening is about: "a little fox named Pip". */
interface Hero {
  readonly kind: string;
  readonly name: string;
}

const JOY = words(
  "happy happily glad smile smiled smiles smiling laugh laughed laughing fun hug hugged proud love loved joy cheered safe friends",
);
const SORROW = words(
  "sad cry cried crying scared afraid angry mad lost alone hurt worried sorry died dead broken broke upset never not",
);

/** Programs about short stories that go on from an opening in the prompt. Words are compared in small letters. */
export const STORY_PROGRAMS: TextPrograms = {
  /** The hero's name stands in the story at least `least` times; open where the opening names nobody. */
  "story:hero": (parameters) => {
    const least = countOf(parameters, "least", 1);
    return (prompt, response) => {
      const hero = heroOf(prompt);
      return hero && countName(response, hero) >= least;
    };
  },
  /** No sentence has the hero's name more than `most` times; open where the opening names nobody. */
  "story:name-in-measure": (parameters) => {
    const most = countOf(parameters, "most", 1);
    return (prompt, response) => {
      const hero = heroOf(prompt);
      return hero && sentencesOf(response).every((sentence) => countName(sentence, hero) <= most);
    };
  },
  /** The story calls its hero what the opening does, "the fox". */
  "story:kind": () => (prompt, response) => {
    const hero = heroOf(prompt);
    return hero && wordRuns(response.toLowerCase()).includes(hero.kind);
  },
  /** At least `least` speeches of two words or more stand in quotation marks that are closed. */
  "story:dialogue": (parameters) => {
    const least = countOf(parameters, "least", 1);
    return (_, response) =>
      [...response.matchAll(/["“]([^"“”]+)["”]/g)].filter(([, speech]) => wordRuns(speech!).length >= 2)
        .length >= least;
  },
  /** The last sentence has a word of joy, and none of sorrow or denial. */
  "story:happy-ending": () => (_, response) => {
    const last = wordRuns((sentencesOf(response).at(-1) ?? "").toLowerCase());
    // "didn't" is two runs, the second of which is "t".
    return last.some((word) => JOY.has(word)) && !last.some((word) => word === "t" || SORROW.has(word));
  },
  /** At most `most` sentences have a word of joy. */
  "story:joy-in-measure": (parameters) => {
    const most = countOf(parameters, "most");
    return (_, response) =>
      sentencesOf(response.toLowerCase()).filter((sentence) =>
        wordRuns(sentence).some((word) => JOY.has(word)),
      ).length <= most;
  },
  /** No run of `words` words stands twice, and there are that many. */
  "story:no-repetition": (parameters) => {
    const size = countOf(parameters, "words", 1);
    return (_, response) => {
      const all = wordRuns(response.toLowerCase());
      const runs = all.slice(size - 1).map((_, i) => all.slice(i, i + size).join(" "));
      return runs.length > 0 && new Set(runs).size === runs.length;
    };
  },
  /** The last sentence is closed, and so is every quotation. */
  "story:whole-ending": () => (_, response) =>
    /[.!?]["”]?$/.test(response.trim()) && response.split(/["“”]/).length % 2 === 1,
  /** `least` to `most` words. */
  "story:length": (parameters) => {
    const [least, most] = [countOf(parameters, "least"), countOf(parameters, "most")];
    if (least > most)
      throw new RowFault("wrong-type", "least", `is ${least}, more than most, which is ${most}`);
    return (_, response) => {
      const count = response.split(/\s+/).filter((word) => word !== "").length;
      return count >= least && count <= most;
    };
  },
  /** Beside the hero at most `most` different names: capital words that begin no sentence and no speech. */
  "story:few-names": (parameters) => {
    const most = countOf(parameters, "most");
    return (prompt, response) => {
      const names = [...response.matchAll(/(?<=[\p{L},] )\p{Lu}\p{Ll}+/gu)].map(([name]) => name);
      return new Set(names.filter((name) => name !== heroOf(prompt)?.name)).size <= most;
    };
  },
};

function heroOf(prompt: Prompt): Hero | null {
  const [, kind, name] = /(\p{L}+) named (\p{Lu}\p{L}*)/u.exec(lastUserTurn(prompt)) ?? [];
  return kind === undefined || name === undefined ? null : { kind, name };
}

function countName(text: string, hero: Hero): number {
  return wordRuns(text).filter((word) => word === hero.name).length;
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}
