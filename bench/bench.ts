/**
 * The input and output of scenarios. A scenario is a function that uses the running servers and returns rows of the
 * table. A cell has a text and, for a ranked row, a number for the notes.
 */
import type { Contestant } from './contestant.ts';
import type { House } from './servers/house.ts';
import type { RestProcess } from './servers/rest.ts';

/** The input of every scenario. */
export interface Bench {
  rest: RestProcess;
  redisUrl: string;
  /** Starts the database and the local cloud once, for scenarios that measure the app. */
  house(): Promise<House>;
  contestants: readonly Contestant[];
  /** True if the whole run must end within a minute. */
  quick: boolean;
  /** The deals of the large tenant whose growth is measured. */
  rows: number;
  /** The start of the run, in ms since the epoch. */
  startedAt: number;
  /** Returns a new key that no other run and no other contestant uses. */
  newKey(contestant: Contestant): string;
  /** Adds a sentence under the table. */
  note(text: string): void;
  /** Prints the current activity on stderr. */
  progress(text: string): void;
}

/** One measurement of one contestant. */
export interface Cell {
  text: string;
  /** The number for the ranking; absent if the cell cannot be compared. */
  value?: number;
  /** The variation of the value within one run. Smaller differences count as equal. */
  spread?: number;
  /** The number in the chart; default the value. */
  bar?: number;
}

/** One measurement of all contestants. */
export interface Row {
  /** The stable id, to which the reasons of the notes refer. */
  id: string;
  title: string;
  /** The cells by contestant id, without contestants that do not support the operation. */
  cells: Record<string, Cell>;
  /** The better direction; absent if the row cannot be ranked. */
  better?: 'less' | 'more';
  /** The share below which differences are noise; 0 for exact counts. */
  tolerance?: number;
}

/** A contestant's column in the table. */
export interface Column {
  id: string;
  label: string;
}

/** Rows under one heading. */
export interface Section {
  title: string;
  rows: Row[];
  /** The contestants; default the caches. */
  columns?: readonly Column[];
}

/** Returns the settings for every measurement except stale hits. */
export function settingsOf(rest: Pick<RestProcess, 'url' | 'token'>) {
  return { url: rest.url, token: rest.token, ttlSeconds: 600, staleSeconds: 0 };
}
