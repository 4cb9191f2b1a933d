import { randomUUID } from "node:crypto";
import { HttpFault } from "./http-fault.ts";

/** A client's session; its models and samplers are released when it ends. */
export interface Session {
  readonly id: string;
  lastSeenAt: number;
}

/** Sessions that clients opened and keep alive by heartbeats or by any other request. */
export class SessionTable {
  readonly #sessions = new Map<string, Session>();
  readonly #silenceMs: number;
  readonly #timer: NodeJS.Timeout;

  /** `onEnd` is called for a session that was silent for `silenceMs`. */
  constructor(silenceMs: number, onEnd: (session: Session) => void) {
    this.#silenceMs = silenceMs;
    this.#timer = setInterval(
      () => {
        for (const session of this.#sessions.values()) {
          if (Date.now() - session.lastSeenAt <= silenceMs) continue;
          this.#sessions.delete(session.id);
          onEnd(session);
        }
      },
      Math.min(silenceMs, 30_000),
    );
    this.#timer.unref();
  }

  create(): Session {
    const session = { id: randomUUID(), lastSeenAt: Date.now() };
    this.#sessions.set(session.id, session);
    return session;
  }

  /** The session, which is now known to live. Throws `HttpFault` 404 for one that is not known (any more). */
  touch(id: string): Session {
    const session = this.#sessions.get(id);
    if (!session)
      throw new HttpFault(
        404,
        `session ${id} is not known here: the server was started anew, or nothing was heard of it for ${this.#silenceMs / 1000} s; create a session and load from a checkpoint`,
      );
    session.lastSeenAt = Date.now();
    return session;
  }

  get ids(): readonly string[] {
    return [...this.#sessions.keys()];
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
