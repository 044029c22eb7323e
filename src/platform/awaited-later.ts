/**
 * Promises that are started now and awaited later, or never. Until the `await`, such a promise has no handler, and a
 * rejection without a handler ends a Node process. So every such promise is passed to `awaitedLater`.
 */

/**
 * Adds a handler to a promise and returns the same promise. A later `await` still throws. Without an `await`, the
 * rejection is ignored, because no caller waits for the value.
 */
export function awaitedLater<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined);
  return promise;
}
