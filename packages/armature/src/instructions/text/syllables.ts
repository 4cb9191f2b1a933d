/**
 * Syllables of an English word, at least 1, by rule: groups of vowels, without a silent final e, "ed" or "es". A dictionary
 * would know exceptions ("idea", "business"); this counts about one word in ten wrong.
 */
export function syllables(word: string): number {
  const lower = word.toLowerCase().replace(/[^a-z]/g, "");
  if (lower.length <= 3) return 1;
  const spoken = lower.replace(/(?:[^laeiouy]es|[^td]ed|[^l]e)$/, (ending) => ending[0]!).replace(/^y/, "");
  return Math.max(1, spoken.match(/[aeiouy]+/g)?.length ?? 1);
}
