/** The outbox entries of a running write, and their times. */
import { WRITERS_TIME_MS } from './outbox.ts';
import type { OutboxEntry } from './outbox-handlers.ts';
import type { NewEntry } from './outbox-table.ts';

/** An outbox entry with its kind, its payload and its due time. */
export interface WrittenEntry extends OutboxEntry {
  kind: string;
  payload: object;
  dueAt: number;
}

/** Adds the times of an entry. For the drain the entry is due a little later, because its writer handles it first. */
export function withTimes(entry: WrittenEntry, now: number): NewEntry {
  return { ...entry, createdAt: now, dueAt: Math.max(now + WRITERS_TIME_MS, entry.dueAt) };
}
