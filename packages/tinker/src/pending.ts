/**
 * A submitted request. `submitted` resolves when the server has accepted it (its place in the order is then fixed),
 * `result` when it is done. A rejected `submitted` also rejects `result`.
 */
export interface Pending<T> {
  readonly submitted: Promise<void>;
  readonly result: Promise<T>;
}

/** A pending request whose result is already under way and whose place in the order is fixed. */
export function pendingResult<T>(result: Promise<T>): Pending<T> {
  // Unobserved handles must not bring the process down; whoever awaits `result` still sees the rejection.
  result.catch(() => undefined);
  return { submitted: Promise.resolve(), result };
}
