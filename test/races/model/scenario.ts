/** What an exploration is about: who takes part, what Redis holds at first, and what may go wrong how often. */
import type { Change, WriterOptions } from './actors.ts';

/** What may go wrong, once each unless it says `often`. */
export type Fault =
  /** A request does not arrive; its answer does not come back; it arrives at any later moment; it arrives again then. */
  | { kind: 'lost' | 'answer lost' | 'late' | 'twice'; steps: readonly string[] }
  /**
   * Redis answers the request with an error and does not run it: it is full, read-only, or a permission is missing. With
   * `often` any number of requests, so in every order in which such a time begins and ends.
   */
  | { kind: 'refused'; steps: readonly string[]; often?: boolean }
  /** Redis loses all that it did since any earlier moment: a failover to a replica that lagged. */
  | { kind: 'forgotten' }
  /** Redis loses the entry, its lease (the same as: the lease ends) or the tag's version, at any moment. */
  | { kind: 'gone'; what: 'entry' | 'lease' | 'version' };

export interface Scenario {
  name: string;
  writers: readonly (WriterOptions & { change: Change })[];
  /** Default 2. */
  readers?: number;
  /** How often each reads, one after the other. Default 1. */
  reads?: number;
  /** Nothing cached; an entry that may be served; one past its freshness that may be served while it is refreshed. */
  start?: 'cold' | 'warm' | 'stale';
  /** Somebody drains the outbox, at any moment. */
  drained?: boolean;
  /** How often, one after the other. Default 1. */
  drains?: number;
  faults?: readonly Fault[];
  /** How many of the faults may happen in one order. Default 1. */
  atOnce?: number;
  /**
   * Staleness is no fault of the code while an invalidation is in the outbox that has not been settled (`while owed`, for
   * double faults); once Redis has forgotten something, while the drain has still to look at one (`while kept`).
   */
  excused?: 'while owed' | 'while kept';
  /** Breaks a script, to prove that this is found. */
  breaking?: (lua: string) => string;
  /** Breaks a command. */
  altering?: (command: readonly string[]) => readonly string[];
}

const READS = ['look up', 'lease', 'fill', 'release'];
const WRITES = ['mark', 'unmark', 'settle', 'settle and store', 'forget', 'scan', 'unlink'];

/** What a full Redis refuses: all that needs memory. (`unmark` and `release` too, where it does not know `allow-oom`.) */
const REFUSED_WHEN_FULL = ['lease', 'fill', 'release', 'mark', 'unmark', 'settle', 'settle and store', 'end again'];
/** What a read-only Redis refuses. */
const WRITTEN = [...REFUSED_WHEN_FULL, 'forget', 'unlink'];

/** What Redis may refuse, each for a time that begins and ends at any moment, any number of times. */
export const REFUSED: Faults = {
  'Redis is full at times': [{ kind: 'refused', steps: REFUSED_WHEN_FULL, often: true }],
  'Redis is read-only, or refuses anything else, at times': [{ kind: 'refused', steps: WRITTEN, often: true }],
};

/** What may happen to a reader’s request. */
export const LOST_BY_READERS: Faults = {
  'a reader’s request is lost': [{ kind: 'lost', steps: READS }],
  'the answer to a reader is lost': [{ kind: 'answer lost', steps: READS }],
  'a reader’s request arrives late': [{ kind: 'late', steps: READS }],
  'a reader’s request arrives twice': [{ kind: 'twice', steps: READS }],
};

/** What Redis may lose. */
export const GONE: Faults = {
  'the entry is evicted': [{ kind: 'gone', what: 'entry' }],
  'the lease ends': [{ kind: 'gone', what: 'lease' }],
  'the version is evicted': [{ kind: 'gone', what: 'version' }],
};

/** What may happen to a writer’s request and to its COMMIT. */
export const LOST_BY_WRITERS: Faults = {
  'a writer’s request is lost': [{ kind: 'lost', steps: WRITES }],
  'the answer to a writer is lost': [{ kind: 'answer lost', steps: WRITES }],
  'COMMIT fails': [{ kind: 'lost', steps: ['COMMIT'] }],
  'COMMIT succeeds and its answer is lost': [{ kind: 'answer lost', steps: ['COMMIT'] }],
};

/** A request that its writer gave up arrives after all, or arrives again later. */
export const LATE_FROM_WRITERS: Faults = {
  'a writer’s request arrives late': [{ kind: 'late', steps: WRITES }],
  'a writer’s request arrives twice': [{ kind: 'twice', steps: WRITES }],
};

type Faults = Readonly<Record<string, readonly Fault[]>>;
