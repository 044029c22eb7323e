/**
 * What scenarios are handed and what they give back. A scenario is a function from the running servers to rows of the
 * table; a cell has a text for people and, where it can be ranked, a number for the notes.
 */
import type { Contestant } from './contestant.ts';
import type { House } from './servers/house.ts';
import type { RestProcess } from './servers/rest.ts';

/** What every scenario works with. */
export interface Bench {
  rest: RestProcess;
  redisUrl: string;
  /** The database and the local cloud, for those who measure the app. */
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
  /** Says on stderr what is being done. */
  progress(text: string): void;
}

/** One measurement of one contestant. */
export interface Cell {
  text: string;
  /** What it is ranked by. Absent where nothing can be compared. */
  value?: number;
  /** How far the value strays within one run. Smaller differences are not differences. */
  spread?: number;
  /** What the chart shows, if not the value. */
  bar?: number;
}

/** One measurement of everybody. */
export interface Row {
  /** Stable id; the reasons of the notes refer to it. */
  id: string;
  title: string;
  /** By id of the contestant; a missing one cannot do it. */
  cells: Record<string, Cell>;
  /** Which side of a number is better. Absent where the row cannot be ranked. */
  better?: 'less' | 'more';
  /** Differences below this share are noise. 0 for exact counts. */
  tolerance?: number;
}

/** Somebody in the table. */
export interface Column {
  id: string;
  label: string;
}

/** Rows under one heading. */
export interface Section {
  title: string;
  rows: Row[];
  /** Who is compared, if it is not the caches: the section is a table of its own then. */
  columns?: readonly Column[];
}

/** Times that suit everything but the measurement of stale hits. */
export function settingsOf(rest: Pick<RestProcess, 'url' | 'token'>) {
  return { url: rest.url, token: rest.token, ttlSeconds: 600, staleSeconds: 0 };
}
