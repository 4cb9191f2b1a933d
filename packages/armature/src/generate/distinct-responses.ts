/** How near two texts may be and count as different. */
export interface DistinctSettings {
  /** Texts whose sets of word triples share at least this part (Jaccard index, 0 to 1) are the same; default 1, equal texts only. */
  readonly nearness?: number;
}

/** What was kept of a list of texts. */
export interface DistinctTexts {
  /** Places of the first text of each kind, ascending. */
  readonly kept: readonly number[];
  /** Left out: equal up to case and white space. */
  readonly exact: number;
  /** Left out: near to one that was kept. */
  readonly near: number;
}

/** Words in a row that are compared. */
const SHINGLE = 3;

/**
 * Leaves out texts that repeat an earlier one: equal up to Unicode form, case and white space, or near by the Jaccard index of
 * their word triples. The first text of each kind stays.
 */
export function distinctResponses(
  texts: readonly string[],
  { nearness = 1 }: DistinctSettings = {},
): DistinctTexts {
  const kept: number[] = [];
  const seen = new Set<string>();
  const shingles: ReadonlySet<string>[] = [];
  let exact = 0;
  let near = 0;
  for (const [place, text] of texts.entries()) {
    const normalised = text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
    if (seen.has(normalised)) {
      exact++;
      continue;
    }
    if (nearness < 1) {
      const own = wordShingles(normalised);
      if (shingles.some((other) => jaccard(own, other) >= nearness)) {
        near++;
        continue;
      }
      shingles.push(own);
    }
    seen.add(normalised);
    kept.push(place);
  }
  return { kept, exact, near };
}

/** A text of fewer than three words is one shingle. Scripts without spaces are cut by Unicode's word rules. */
function wordShingles(text: string): ReadonlySet<string> {
  const words = Array.from(WORDS.segment(text)).flatMap(({ segment, isWordLike }) =>
    isWordLike ? [segment] : [],
  );
  if (words.length < SHINGLE) return new Set([words.join(" ")]);
  return new Set(words.slice(SHINGLE - 1).map((_, i) => words.slice(i, i + SHINGLE).join(" ")));
}

const WORDS = new Intl.Segmenter("en", { granularity: "word" });

function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const item of small) if (large.has(item)) shared++;
  return shared / (a.size + b.size - shared);
}
