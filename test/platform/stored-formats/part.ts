/**
 * One part of the system's stored state: how this commit writes it, and how a later commit shows that it can read what
 * was written. Only the recorder calls `record`; only the test calls `read`, with what `record` had returned.
 */
import type { Job, Schedule } from '../../../src/platform/jobs/index.ts';
import type { StoredWorld } from './world.ts';

/** What the recorder notes for the reader: cookies, ids, tokens. */
export type Given = Record<string, string>;

/** A part. */
export interface StoredPart {
  /** Names the part in the fixture. */
  readonly name: string;
  /** Jobs and schedules that both sides declare. */
  readonly jobs?: readonly Job[];
  readonly schedules?: readonly Schedule[];
  record(world: StoredWorld): Promise<Given>;
  /** Titles of tests with what they do, in their order. */
  readonly reads: Readonly<Record<string, (world: StoredWorld, given: Given) => Promise<void>>>;
}
