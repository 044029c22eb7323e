/** The draw of the mutants that are tried. */
import { digest, LEAST_OF_A_ROOM, type Mutant, OTHERS, ROOMS } from './mutant.ts';

/**
 * Draws mutants. The seed and the id give each mutant a number, and the lowest numbers are drawn: at least
 * {@link LEAST_OF_A_ROOM} of each room, the rest from all files. The result takes rooms in turns, so that its beginning
 * is a fair draw too.
 */
export function draw(all: readonly Mutant[], seed: string, count: number): Mutant[] {
  const ranked = all.map((mutant) => ({ mutant, rank: digest(`${seed} ${mutant.id}`) }));
  ranked.sort((one, other) => (one.rank < other.rank ? -1 : 1));
  const sorted = ranked.map(({ mutant }) => mutant);
  const drawn = new Set<Mutant>();
  for (const room of ROOMS) {
    for (const mutant of sorted.filter((each) => each.room === room).slice(0, LEAST_OF_A_ROOM)) drawn.add(mutant);
  }
  for (const mutant of sorted) if (drawn.size < count) drawn.add(mutant);
  const lanes = [...ROOMS, OTHERS].map((room) => sorted.filter((each) => drawn.has(each) && each.room === room));
  const order: Mutant[] = [];
  for (let at = 0; order.length < drawn.size; at += 1) order.push(...lanes.flatMap((lane) => lane[at] ?? []));
  return order.slice(0, count);
}
