/** Words that carry no subject of their own in a criterion. */
const STOP_WORDS = new Set(
  "a an and any are as at be been being by can could did do does doing for from had has have having how if in into is it its may might must no nor not of on or other over per shall should so some such than that the their them then there these they this those through to under up was were what when where which while who whose why will with without would response answer output reply model assistant text user".split(
    " ",
  ),
);
const SUFFIX = /(?:ations?|ingly|ments?|ness|ings?|edly|ies|ied|ers?|ed|es|ly|s)$/;

/** Content words of a text in lower case, in their order; characters of scripts without spaces count one by one. */
export function contentWords(text: string): readonly string[] {
  const words =
    text
      .normalize("NFKC")
      .toLowerCase()
      .replace(/['’]s\b/g, "")
      .match(/\p{Script=Han}|[\p{L}\p{N}]+/gu) ?? [];
  return words.filter((word) => !STOP_WORDS.has(word));
}

/** Stems of the content words of a text, each once. */
export function contentStems(text: string): ReadonlySet<string> {
  return new Set(contentWords(text).map(stem));
}

function stem(word: string): string {
  const cut = word.replace(SUFFIX, "");
  return cut.length >= 3 ? cut : word;
}

/**
 * How much two texts say the same, 0 to 1: the Dice coefficient of their stems. Two texts without content words are alike
 * when they are equal.
 */
export function textSimilarity(a: string, b: string): number {
  const [left, right] = [contentStems(a), contentStems(b)];
  return left.size === 0 || right.size === 0 ? Number(a.trim() === b.trim()) : stemSimilarity(left, right);
}

/** Dice coefficient of two sets of stems: twice what they share over the sum of their sizes; 0 where one is empty. */
export function stemSimilarity(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  return a.size === 0 || b.size === 0 ? 0 : (2 * sharedStems(a, b)) / (a.size + b.size);
}

/** Stems that both have. */
export function sharedStems(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let count = 0;
  for (const word of a) if (b.has(word)) count++;
  return count;
}
