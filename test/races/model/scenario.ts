/** The input of an exploration: the actors, the first contents of Redis, and the possible faults. */
import type { Change, ReaderOptions, WriterOptions } from './actors.ts';

/** The faults. Each may happen once, or many times with `often`. */
export type Fault =
  /** A request does not arrive; its answer is lost; the request arrives at any later time; it arrives again later. */
  | { kind: 'lost' | 'answer lost' | 'late' | 'twice'; steps: readonly string[] }
  /**
   * Redis answers the request with an error and does not run it: Redis is full, read-only, or a permission is missing.
   * With `often`, any number of requests, so that such a period begins and ends in every order.
   */
  | { kind: 'refused'; steps: readonly string[]; often?: boolean }
  /** Redis loses all changes since any earlier time: a failover to a replica that lagged. */
  | { kind: 'forgotten' }
  /** Redis loses the entry, its lease (equal to the end of the lease) or the tag's version, at any time. */
  | { kind: 'gone'; what: 'entry' | 'lease' | 'version' };

export interface Scenario {
  name: string;
  writers: readonly (WriterOptions & { change: Change })[];
  /** Default 2. */
  readers?: number;
  /** The number of reads of each reader, in turn. Default 1. */
  reads?: number;
  /** How readers wait, and whether their loads fail. */
  reading?: ReaderOptions;
  /** The number of timers of each actor that may fire: renewals of a lease. Default 0. */
  timers?: number;
  /** Whether two loads at the same time are an error. */
  alone?: boolean;
  /** No entry; a fresh entry; an entry past its freshness, which may be served while it is refreshed. */
  start?: 'cold' | 'warm' | 'stale';
  /** A drain of the outbox runs at any time. */
  drained?: boolean;
  /** The number of drains, in turn. Default 1. */
  drains?: number;
  faults?: readonly Fault[];
  /** The number of faults that may happen in one order. Default 1. */
  atOnce?: number;
  /**
   * When an old value is allowed: while the outbox has an invalidation that is not settled (`while queued`, for double
   * faults), or, after Redis has forgotten data, while an invalidation waits for its second look (`while kept`).
   */
  excused?: 'while queued' | 'while kept';
  /** Breaks a script, to prove that the exploration finds the error. */
  breaking?: (lua: string) => string;
  /** Breaks a command. */
  altering?: (command: readonly string[]) => readonly string[];
}

const READS = ['look up', 'lease', 'renew', 'fill', 'release'];
const WRITES = ['mark', 'unmark', 'settle', 'settle and store', 'forget', 'scan', 'unlink'];

/** A full Redis refuses the steps that need memory (`unmark` and `release` too, if it does not support `allow-oom`). */
const REFUSED_WHEN_FULL = ['lease', 'fill', 'release', 'mark', 'unmark', 'settle', 'settle and store', 'end again'];
/** The steps that a read-only Redis refuses. */
const WRITTEN = [...REFUSED_WHEN_FULL, 'forget', 'unlink'];

/** Refusals by Redis. Such periods begin and end at any time, any number of times. */
export const REFUSED: Faults = {
  'Redis is full at times': [{ kind: 'refused', steps: REFUSED_WHEN_FULL, often: true }],
  'Redis is read-only, or refuses anything else, at times': [{ kind: 'refused', steps: WRITTEN, often: true }],
};

/** Faults of a reader’s request. */
export const LOST_BY_READERS: Faults = {
  'a reader’s request is lost': [{ kind: 'lost', steps: READS }],
  'the answer to a reader is lost': [{ kind: 'answer lost', steps: READS }],
  'a reader’s request arrives late': [{ kind: 'late', steps: READS }],
  'a reader’s request arrives twice': [{ kind: 'twice', steps: READS }],
};

/** Data that Redis may lose. */
export const GONE: Faults = {
  'the entry is evicted': [{ kind: 'gone', what: 'entry' }],
  'the lease ends': [{ kind: 'gone', what: 'lease' }],
  'the version is evicted': [{ kind: 'gone', what: 'version' }],
};

/** Faults of a writer’s request and of its COMMIT. */
export const LOST_BY_WRITERS: Faults = {
  'a writer’s request is lost': [{ kind: 'lost', steps: WRITES }],
  'the answer to a writer is lost': [{ kind: 'answer lost', steps: WRITES }],
  'COMMIT fails': [{ kind: 'lost', steps: ['COMMIT'] }],
  'COMMIT succeeds and its answer is lost': [{ kind: 'answer lost', steps: ['COMMIT'] }],
};

/** A request that timed out for its writer arrives late, or arrives again later. */
export const LATE_FROM_WRITERS: Faults = {
  'a writer’s request arrives late': [{ kind: 'late', steps: WRITES }],
  'a writer’s request arrives twice': [{ kind: 'twice', steps: WRITES }],
};

type Faults = Readonly<Record<string, readonly Fault[]>>;
