import { join } from "node:path";
import { SeededStream } from "@armature/engine";
import { writeFileAtomic } from "../../packages/armature/src/run/atomic-file.ts";

/** Writes openings.jsonl: openings of stories out of the lists below, every animal, name, place and pattern equally often. */

const ANIMALS = ["fox", "frog", "bear", "duck", "cat", "dog", "bird", "mouse", "rabbit", "fish"];
const NAMES = ["Tom", "Max", "Mia", "Sam", "Ben", "Lucy", "Anna", "Pip"];
const ADJECTIVES = ["little", "small", "big", "brown"];
const PLACES = [
  "in the forest",
  "near a pond",
  "on a farm",
  "in a garden",
  "by the river",
  "under a tree",
  "on a hill",
  "near the park",
];
const PATTERNS = [
  (hero: string, name: string, place: string) =>
    `Once upon a time, there was a ${hero}. ${name} lived ${place}.`,
  (hero: string, _: string, place: string) => `There was a ${hero} who lived ${place}.`,
  (hero: string, name: string, place: string) =>
    `One day, a ${hero} was playing ${place}. ${name} saw a ball.`,
  (hero: string, name: string, place: string) =>
    `Once there was a ${hero}. Every day, ${name} played ${place}.`,
];
const COUNT = 320;

const stream = new SeededStream(260, "story openings");
const cycled = <T>(items: readonly T[]): readonly T[] =>
  stream.shuffled(Array.from({ length: COUNT }, (_, i) => items[i % items.length]!));
const [animals, names, adjectives, places, patterns] = [
  cycled(ANIMALS),
  cycled(NAMES),
  cycled(ADJECTIVES),
  cycled(PLACES),
  cycled(PATTERNS),
];
const openings = animals.map((animal, i) => {
  const name = names[i]!;
  return patterns[i]!(`${adjectives[i]!} ${animal} named ${name}`, name, places[i]!);
});
const rows = [...new Set(openings)].map((prompt) => `${JSON.stringify({ prompt })}\n`);
writeFileAtomic(join(import.meta.dirname, "openings.jsonl"), rows.join(""));
process.stderr.write(`${rows.length} openings\n`);
