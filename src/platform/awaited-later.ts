/**
 * A promise that is started now and awaited later, or never: until then it has no handler, and a rejection without a
 * handler ends a Node process. Every such promise passes through here.
 */

/**
 * Gives back the same promise, with a handler on it. A later `await` still throws; without one, the rejection is of no
 * interest, because no caller waits for the value.
 */
export function awaitedLater<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined);
  return promise;
}
