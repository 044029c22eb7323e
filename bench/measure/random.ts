/** Seeded randomness: the same seed gives the same run, on any machine. */

/** Returns the next number in [0, 1). */
export type Random = () => number;

/** Creates a Mulberry32 generator: small, fast, and good enough to choose pages. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Returns a function that draws items by Zipf's law: the n-th item in proportion to 1 / n^skew. With the usual skew
 * of 0.99 (as in YCSB), a fifth of a thousand items gets about four fifths of the draws.
 */
export function zipf<Item>(items: readonly Item[], random: Random, skew = 0.99): () => Item {
  const shuffled = shuffle(items, random);
  const sums: number[] = [];
  let total = 0;
  for (const rank of shuffled.keys()) {
    total += (rank + 1) ** -skew;
    sums.push(total);
  }
  return () => {
    const drawn = random() * total;
    const item = shuffled[sums.findIndex((sum) => drawn < sum)];
    if (item === undefined) throw new Error('There is nothing to draw from');
    return item;
  };
}

/** Draws an item in proportion to its weight. */
export function weighted<Item extends { weight: number }>(items: readonly Item[], random: Random): Item {
  const total = items.reduce((sum, { weight }) => sum + weight, 0);
  let left = random() * total;
  const drawn = items.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  if (!drawn) throw new Error('There is nothing to draw from');
  return drawn;
}

/** Returns a shuffled copy of an array (Fisher and Yates). */
export function shuffle<Item>(items: readonly Item[], random: Random): Item[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other] as Item, shuffled[last] as Item];
  }
  return shuffled;
}
