/** Sentences that answer nothing and contradict nothing, whatever the prompt was. In our words. */
const SENTENCES = [
  "There is more that could be said about this, and it would not change what was said above.",
  "It is worth reading the lines above once more before going on.",
  "As so often, the whole is best understood when each part is looked at in turn.",
  "None of this is meant to take away from what came before it.",
  "Seen from a little further away, the picture stays the same.",
  "With that in mind, one may return to the beginning and read on from there.",
  "These remarks are of a general nature and hold in most situations of this kind.",
  "In other words, the points made so far stand as they are.",
] as const;

/** At least so many characters of text without content, in whole sentences; always the same for the same length. */
export function neutralText(characters: number): string {
  const sentences: string[] = [];
  for (let length = 0; length < characters; length += sentences.at(-1)!.length + 1)
    sentences.push(SENTENCES[sentences.length % SENTENCES.length]!);
  return sentences.join(" ");
}
