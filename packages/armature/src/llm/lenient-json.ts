/** Deeper nesting than any answer has; it keeps a reply of brackets from exhausting the stack. */
const DEEPEST = 40;
const WORDS: readonly (readonly [string, unknown])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
  ["True", true],
  ["False", false],
  ["None", null],
];
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACES = " \n\t\r\u00a0";
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };
const ABSENT = Symbol("no value");

/**
 * Reads one JSON value from a place in a text, as models write it: trailing commas, single quotes, raw line breaks in strings,
 * unknown escapes, and Python's words are read too. Everything else that is no JSON ends the reading.
 */
export class LenientJson {
  readonly #text: string;
  #at: number;
  #depth = 0;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  /** Where the value that was read ends. */
  get end(): number {
    return this.#at;
  }

  /** The value; undefined where there is none. */
  read(): unknown {
    const value = this.#value();
    return value === ABSENT ? undefined : value;
  }

  #value(): unknown {
    const first = this.#text[this.#at];
    if (first === "{") return this.#object();
    if (first === "[") return this.#list();
    if (first === '"' || first === "'") return this.#string(first);
    for (const [word, value] of WORDS)
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    NUMBER.lastIndex = this.#at;
    const number = NUMBER.exec(this.#text)?.[0];
    if (number === undefined) return ABSENT;
    this.#at += number.length;
    return Number(number);
  }

  #object(): unknown {
    const entries: [string, unknown][] = [];
    const whole = this.#items("}", () => {
      const quote = this.#text[this.#at];
      const key = quote === '"' || quote === "'" ? this.#string(quote) : ABSENT;
      if (typeof key !== "string") return false;
      this.#space();
      if (this.#text[this.#at] !== ":") return false;
      this.#at++;
      this.#space();
      const value = this.#value();
      if (value === ABSENT) return false;
      entries.push([key, value]);
      return true;
    });
    // `fromEntries` makes own properties only, so that a key "__proto__" stays a key.
    return whole ? Object.fromEntries(entries) : ABSENT;
  }

  #list(): unknown {
    const items: unknown[] = [];
    const whole = this.#items("]", () => {
      const value = this.#value();
      if (value === ABSENT) return false;
      items.push(value);
      return true;
    });
    return whole ? items : ABSENT;
  }

  /** Reads what stands between the bracket here and `close`; false where it is not well formed. */
  #items(close: string, readItem: () => boolean): boolean {
    if (++this.#depth > DEEPEST) return false;
    this.#at++;
    while (true) {
      this.#space();
      if (this.#text[this.#at] === close) break;
      if (!readItem()) return false;
      this.#space();
      if (this.#text[this.#at] === ",") this.#at++;
      else if (this.#text[this.#at] !== close) return false;
    }
    this.#at++;
    this.#depth--;
    return true;
  }

  #string(quote: string): unknown {
    let value = "";
    for (let i = this.#at + 1; i < this.#text.length; i++) {
      const character = this.#text[i]!;
      if (character === quote) {
        this.#at = i + 1;
        return value;
      }
      if (character !== "\\") {
        value += character;
        continue;
      }
      const escaped = this.#text[++i];
      if (escaped === undefined) return ABSENT;
      const code = escaped === "u" ? /^[0-9a-fA-F]{4}/.exec(this.#text.slice(i + 1, i + 5)) : null;
      if (code === null) value += ESCAPES[escaped] ?? escaped;
      else {
        value += String.fromCharCode(Number.parseInt(code[0], 16));
        i += 4;
      }
    }
    return ABSENT;
  }

  #space(): void {
    while (SPACES.includes(this.#text[this.#at] ?? "-")) this.#at++;
  }
}
