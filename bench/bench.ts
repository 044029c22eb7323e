/**
 * The input and output of scenarios. A scenario is a function from the running servers to rows of the table; a cell
 * has a text and, if it can be ranked, a number for the notes.
 */
import type { Contestant } from './contestant.ts';
import type { House } from './servers/house.ts';
import type { RestProcess } from './servers/rest.ts';

/** The input of every scenario. */
export interface Bench {
  rest: RestProcess;
  redisUrl: string;
  /** The database and the local cloud, for scenarios that measure the app. */
  house(): Promise<House>;
  contestants: readonly Contestant[];
  /** Whether the whole run must end within a minute. */
  quick: boolean;
  /** When the run began, in ms since the epoch. */
  startedAt: number;
  /** A new key that no other run and no other contestant uses. */
  newKey(contestant: Contestant): string;
  /** Adds a sentence under the table. */
  note(text: string): void;
  /** Prints the current activity on stderr. */
  progress(text: string): void;
}

/** One measurement of one contestant. */
export interface Cell {
  text: string;
  /** The number for ranking. Absent if the cell cannot be compared. */
  value?: number;
  /** How far the value varies within one run. Smaller differences count as equal. */
  spread?: number;
  /** The number in the chart, if not the value. */
  bar?: number;
}

/** One measurement of all contestants. */
export interface Row {
  /** Stable id; the reasons of the notes refer to it. */
  id: string;
  title: string;
  /** By id of the contestant; absent if the contestant does not support the operation. */
  cells: Record<string, Cell>;
  /** Whether less or more is better. Absent if the row cannot be ranked. */
  better?: 'less' | 'more';
  /** Differences below this share are noise. 0 for exact counts. */
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
  /** The contestants, if not the caches: the section then is a table of its own. */
  columns?: readonly Column[];
}

/** Times for every measurement except stale hits. */
export function settingsOf(rest: Pick<RestProcess, 'url' | 'token'>) {
  return { url: rest.url, token: rest.token, ttlSeconds: 600, staleSeconds: 0 };
}
