/**
 * A first-in, first-out line with constant time per step. The line is an array with a moving start. When at least half
 * of the array has been used, this half is cut off. An item that is gone (a cancelled message) stays in the array and
 * is skipped at its turn, so that no search is needed.
 */

/** A waiting line. An iteration skips items that are gone. */
export interface Fifo<T> extends Iterable<T> {
  push(item: T): void;
  peek(): T | undefined;
  shift(): T | undefined;
}

const CUT_AT = 1_024;

/** Creates an empty line. `isGone` tells which items to skip. */
export function fifo<T extends object>(isGone: (item: T) => boolean = () => false): Fifo<T> {
  let items: T[] = [];
  let start = 0;

  function peek(): T | undefined {
    for (let item = items[start]; item !== undefined; item = items[start]) {
      if (!isGone(item)) return item;
      start += 1;
    }
    return undefined;
  }

  return {
    peek,
    push(item) {
      items.push(item);
    },
    shift() {
      const item = peek();
      if (item !== undefined) start += 1;
      if (start >= CUT_AT && start * 2 >= items.length) {
        items = items.slice(start);
        start = 0;
      }
      return item;
    },
    *[Symbol.iterator]() {
      for (const item of items.slice(start)) if (!isGone(item)) yield item;
    },
  };
}
