/** Values by keys that several of them can share. */

/** A map from a key to the values that were added under it, in the order of their addition. */
export class SetsOf<Value> {
  readonly #sets = new Map<string, Set<Value>>();

  /** Adds a value to a key. A value that the key has already stays where it is. */
  add(key: string, value: Value): void {
    const set = this.#sets.get(key) ?? new Set<Value>();
    this.#sets.set(key, set.add(value));
  }

  /** Returns the values of a key. */
  of(key: string): Value[] {
    return [...(this.#sets.get(key) ?? [])];
  }
}
