import { LenientJson } from "./lenient-json.ts";

/** A JSON value that stands in a text. */
export interface FoundJson {
  readonly value: unknown;
  /** Its own characters in the text. */
  readonly source: string;
  /** True where it is no JSON as it stands: trailing commas, single quotes, raw line breaks or the like were read over. */
  readonly mended: boolean;
}

const OPENING = /[{[]/g;

/**
 * The JSON objects and arrays of a text, outermost ones in order, whatever stands around them: prose, fences, several
 * values. Slips that models make are mended (`LenientJson`); a bracket that opens no JSON, or is never closed, is passed over
 * and what is inside it is looked at, so of an answer that was cut off the whole parts are found. Never throws.
 */
export function* jsonValues(text: string): Generator<FoundJson> {
  for (let start = nextOpening(text, 0); start >= 0; ) {
    const parser = new LenientJson(text, start);
    const value = parser.read();
    if (value !== undefined) {
      const source = text.slice(start, parser.end);
      yield { value, source, mended: !isJson(source) };
    }
    start = nextOpening(text, value === undefined ? start + 1 : parser.end);
  }
}

function nextOpening(text: string, from: number): number {
  OPENING.lastIndex = from;
  return OPENING.exec(text)?.index ?? -1;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
