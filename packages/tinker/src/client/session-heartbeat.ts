import { TinkerError } from "../errors.ts";
import type { SessionState } from "./client-events.ts";
import type { HttpTransport } from "./http-transport.ts";

/** After so many missed beats in a row a session is degraded; after so much silence it is lost. */
const DEGRADED_AFTER = 2;
const LOST_AFTER_BEATS = 12;

/** Tells the server that the client lives, and notices when the server does not. Its timer never keeps a process alive. */
export class SessionHeartbeat {
  readonly #transport: HttpTransport;
  readonly #sessionId: string;
  #state: SessionState = "live";
  #missed = 0;
  #answered = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(transport: HttpTransport, sessionId: string) {
    this.#transport = transport;
    this.#sessionId = sessionId;
  }

  get state(): SessionState {
    return this.#state;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      void this.#beat().then(() => {
        if (this.#timer) this.start();
      });
    }, this.#transport.settings.limits.heartbeatMs);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Asks at once whether the server knows the session. */
  async isHeard(): Promise<boolean> {
    const { status } = await this.#send();
    return status >= 200 && status < 300;
  }

  #send() {
    const body = { session_id: this.#sessionId, type: "session_heartbeat" };
    return this.#transport.once({ path: "session_heartbeat", body, timeoutMs: 10_000 });
  }

  async #beat(): Promise<void> {
    try {
      const reply = await this.#send();
      if (reply.status >= 200 && reply.status < 300) {
        this.#answered = true;
        this.#missed = 0;
        this.#become("live");
        return;
      }
      // A server that never took a heartbeat has no such endpoint; one that did has forgotten the session.
      if ([404, 405, 410, 501].includes(reply.status)) {
        if (this.#answered || reply.status === 410)
          this.#become("lost", "the server does not know the session");
        this.stop();
        return;
      }
      this.#miss(`status ${reply.status}`);
    } catch (error) {
      this.#miss(TinkerError.isInstance(error) ? error.message : String(error));
    }
  }

  #miss(why: string): void {
    this.#missed++;
    if (this.#missed >= LOST_AFTER_BEATS) this.#become("lost", why);
    else if (this.#missed >= DEGRADED_AFTER) this.#become("degraded", why);
  }

  #become(state: SessionState, why?: string): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#transport.settings.onEvent({ type: "session", state, ...(why !== undefined && { why }) });
  }
}
