/** Who takes part in a scenario, by name and in the order of their places in a state: readers, writers, the drain. */
import { drain, reader, writer } from './actors.ts';
import type { Swap, Writes } from './names.ts';
import type { Program } from './program.ts';
import type { Scenario } from './scenario.ts';

export interface Actor {
  name: string;
  /** What it does, one after the other. */
  rounds: readonly Program[];
  /** Its write, as a bit; 0 for those who do not write. */
  write: Writes;
}

/** How many read in a scenario. */
export const readersOf = ({ readers = 2 }: Scenario): number => readers;

/** What somebody does who reads what the scenario is about. */
export const readerOf = ({ writers }: Scenario): Program => reader(writers[0]?.change ?? 'tag');

export function castOf(scenario: Scenario): Actor[] {
  const { writers, reads = 1, drained = false, drains = 1 } = scenario;
  return [
    ...Array.from({ length: readersOf(scenario) }, (_, index) => ({
      name: `R${index}`,
      rounds: Array.from({ length: reads }, () => readerOf(scenario)),
      write: 0,
    })),
    ...writers.map((each, index) => ({
      name: `W${index}`,
      rounds: [writer(`W${index}`, each.change, { outbox: drained, ...each })],
      write: 1 << index,
    })),
    ...(drained ? [{ name: 'drain', rounds: Array.from({ length: drains }, drain), write: 0 }] : []),
  ];
}

/** The swaps of names that map a scenario onto itself. */
export function swapsOf(scenario: Scenario): Swap[] {
  const [first, second] = scenario.writers;
  const alike = second !== undefined && JSON.stringify(first) === JSON.stringify(second);
  return [0, 1, 2, 3].filter((swap) => (!(swap & 1) || readersOf(scenario) === 2) && (!(swap & 2) || alike));
}

/** The place of the actor whose part the one at `place` plays under other names. */
export function partnerOf(place: number, swap: Swap, readers: number): number {
  if (place < readers) return swap & 1 ? 1 - place : place;
  if (place < readers + 2) return swap & 2 ? 2 * readers + 1 - place : place;
  return place;
}
