/** The actors of a scenario by name, in the order of their places in a state: readers, writers, the drain. */
import { drain, reader, writer } from './actors.ts';
import type { Swap, Writes } from './names.ts';
import type { Program } from './program.ts';
import type { Scenario } from './scenario.ts';

export interface Actor {
  name: string;
  /** The programs of the actor, run in turn. */
  rounds: readonly Program[];
  /** The actor's write as a bit; 0 for readers and the drain. */
  write: Writes;
}

/** The number of readers in a scenario. */
export const readersOf = ({ readers = 2 }: Scenario): number => readers;

/** The program of a reader in this scenario. */
export const readerOf = ({ writers, reading = {} }: Scenario): Program => reader(writers[0]?.change ?? 'tag', reading);

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

/** The swaps of names under which a scenario stays the same. */
export function swapsOf(scenario: Scenario): Swap[] {
  const [first, second] = scenario.writers;
  const alike = second !== undefined && JSON.stringify(first) === JSON.stringify(second);
  return [0, 1, 2, 3].filter((swap) => (!(swap & 1) || readersOf(scenario) === 2) && (!(swap & 2) || alike));
}

/** The place of the actor that takes the part of the actor at `place` under swapped names. */
export function partnerOf(place: number, swap: Swap, readers: number): number {
  if (place < readers) return swap & 1 ? 1 - place : place;
  if (place < readers + 2) return swap & 2 ? 2 * readers + 1 - place : place;
  return place;
}
