/**
 * One at a time, in the order of the calls: a turn begins when all earlier ones have ended. The place is taken when `take` is
 * called, so that program order is the order of the requests whatever the network does.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    // A turn that fails ends all the same; whoever took it sees the error.
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
