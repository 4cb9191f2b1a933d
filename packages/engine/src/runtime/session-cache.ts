import type { GraphSession } from "./session.ts";

/**
 * The sessions used last, by key. Every living session keeps its own arena of memory, so few are kept: the one unused
 * for longest is released when another is needed.
 */
export class SessionCache {
  readonly #capacity: number;
  /** From the one unused for longest to the one used last. */
  readonly #sessions = new Map<string, Promise<GraphSession>>();

  /** @param capacity sessions kept, at least 1 */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The session of this key, built if need be. Start its run before asking for another, which might release it. */
  async get(key: string, build: () => Promise<GraphSession>): Promise<GraphSession> {
    const session = this.#sessions.get(key) ?? build();
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > this.#capacity) await this.#drop(oldest!);
    try {
      return await session;
    } catch (error) {
      if (this.#sessions.get(key) === session) this.#sessions.delete(key);
      throw error;
    }
  }

  /** Releases every session. */
  async release(): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((key) => this.#drop(key)));
  }

  async #drop(key: string): Promise<void> {
    const session = this.#sessions.get(key);
    this.#sessions.delete(key);
    await session?.then(
      (built) => built.release(),
      () => {},
    );
  }
}
