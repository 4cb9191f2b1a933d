import { type Pending, pendingResult } from "@armature/tinker";

/**
 * Keeps the calls to one model in the order in which they were made, where one of them may post several messages to the
 * engine thread: later calls must not slip between these.
 */
export class Turns {
  /** Resolves when all earlier calls have posted what they have to. */
  #last: Promise<unknown> = Promise.resolve();

  /** A call that posts at once. */
  post<T>(call: () => Promise<T>): Pending<T> {
    return pendingResult(this.#last.then(call));
  }

  /** A call that posts several times and says after the last one that it has `posted`. */
  postSeveral<T>(call: (posted: () => void) => Promise<T>): Pending<T> {
    let posted: () => void = () => undefined;
    const earlier = this.#last;
    this.#last = new Promise<void>((resolve) => {
      posted = resolve;
    });
    const result = earlier.then(() => call(posted));
    result.catch(posted);
    return pendingResult(result);
  }
}
