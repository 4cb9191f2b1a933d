import type { GraphSession } from "./session.ts";

/** What a cache keeps at most; the session asked for last is kept in any case. */
export interface SessionLimits {
  readonly sessions: number;
  /** Sum of what the sessions are said to need. Default: no limit. */
  readonly bytes?: number;
}

interface Kept {
  readonly session: Promise<GraphSession>;
  readonly bytes: number;
}

/**
 * The sessions used last, by key. Every living session keeps the memory of its largest run, so few are kept: those unused
 * for longest are released when another is needed.
 */
export class SessionCache {
  readonly #limits: Required<SessionLimits>;
  /** From the one unused for longest to the one used last. */
  readonly #sessions = new Map<string, Kept>();

  constructor({ sessions, bytes = Infinity }: SessionLimits) {
    this.#limits = { sessions, bytes };
  }

  /**
   * The session of this key, built if need be. Start its run before asking for another, which might release it.
   * @param bytes about what its runs need
   */
  async get(key: string, build: () => Promise<GraphSession>, bytes = 0): Promise<GraphSession> {
    const kept = this.#sessions.get(key) ?? { session: build(), bytes };
    this.#sessions.delete(key);
    this.#sessions.set(key, kept);
    while (this.#isTooMuch()) await this.#drop(this.#sessions.keys().next().value!);
    try {
      return await kept.session;
    } catch (error) {
      if (this.#sessions.get(key) === kept) this.#sessions.delete(key);
      throw error;
    }
  }

  /** Releases every session. */
  async release(): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((key) => this.#drop(key)));
  }

  #isTooMuch(): boolean {
    if (this.#sessions.size <= 1) return false;
    const bytes = [...this.#sessions.values()].reduce((sum, kept) => sum + kept.bytes, 0);
    return this.#sessions.size > this.#limits.sessions || bytes > this.#limits.bytes;
  }

  async #drop(key: string): Promise<void> {
    const kept = this.#sessions.get(key);
    this.#sessions.delete(key);
    await kept?.session.then(
      (built) => built.release(),
      () => {},
    );
  }
}
