/** Seeded randomness: the same seed gives the same run, on any machine. */

/** Returns the next number in [0, 1). */
export type Random = () => number;

/** Creates a Mulberry32 generator: small, and good enough to draw pages and faults. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
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
