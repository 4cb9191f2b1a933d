/** A JSON value that stands in a text. */
export interface FoundJson {
  readonly value: unknown;
  /** True where commas before a closing bracket had to be dropped. */
  readonly mended: boolean;
}

/** Attempts at brackets that open no JSON; a text of brackets alone would otherwise take quadratic time. */
const MOST_ATTEMPTS = 100;

/**
 * The JSON objects and arrays of a text, outermost ones in order, whatever stands around them: prose, fences, several
 * values. A value with trailing commas is mended; a bracket that opens no JSON is passed over and what is inside it is
 * looked at. Never throws.
 */
export function* jsonValues(text: string): Generator<FoundJson> {
  let attempts = 0;
  for (let start = nextOpening(text, 0); start >= 0 && attempts < MOST_ATTEMPTS; attempts++) {
    const end = closingAfter(text, start);
    const found = end < 0 ? null : parse(text.slice(start, end));
    if (found !== null) yield found;
    start = nextOpening(text, found === null ? start + 1 : end);
  }
}

function nextOpening(text: string, from: number): number {
  for (let i = from; i < text.length; i++) if (text[i] === "{" || text[i] === "[") return i;
  return -1;
}

/** End of the bracket that opens at `start`, or -1 where it is never closed. Brackets inside strings do not count. */
function closingAfter(text: string, start: number): number {
  const open: string[] = [];
  let inString = false;
  for (let i = start; i < text.length; i++) {
    const char = text[i]!;
    if (inString) {
      if (char === "\\") i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{") open.push("}");
    else if (char === "[") open.push("]");
    else if (char === "}" || char === "]") {
      if (open.pop() !== char) return -1;
      if (open.length === 0) return i + 1;
    }
  }
  return -1;
}

function parse(text: string): FoundJson | null {
  const value = parsed(text);
  if (value !== undefined) return { value, mended: false };
  const mended = parsed(withoutTrailingCommas(text));
  return mended === undefined ? null : { value: mended, mended: true };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Strings are matched first, so that a comma inside one stays. */
function withoutTrailingCommas(text: string): string {
  return text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|,(?=\s*[}\]])/gs, (part) => (part === "," ? "" : part));
}
