/** Draws of the benchmarks. */
import type { Random } from '../../dev/random/seeded.ts';

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

/** Returns a shuffled copy of an array (Fisher and Yates). */
export function shuffle<Item>(items: readonly Item[], random: Random): Item[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other] as Item, shuffled[last] as Item];
  }
  return shuffled;
}
