/**
 * One part of the system's stored state: how this commit writes it, and how a later commit shows that it can still read
 * it. Only the recorder calls `record`; only the test calls `read`, with the result of `record`.
 */
import type { Job, Schedule } from '../../../src/platform/jobs/index.ts';
import type { StoredWorld } from './world.ts';

/** The recorder's notes for the reader: cookies, ids, tokens. */
export type Given = Record<string, string>;

/** A part. */
export interface StoredPart {
  /** Names the part in the fixture. */
  readonly name: string;
  /** Jobs and schedules that both sides declare. */
  readonly jobs?: readonly Job[];
  readonly schedules?: readonly Schedule[];
  record(world: StoredWorld): Promise<Given>;
  /** The titles and functions of tests, in order. */
  readonly reads: Readonly<Record<string, (world: StoredWorld, given: Given) => Promise<void>>>;
}
