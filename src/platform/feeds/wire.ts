/**
 * The protocol of `GET /feeds`: server-sent events (HTML Living Standard, section 9.2). Each frame has the cursor as its
 * id, so the browser can always resume after the last frame. A frame without data moves the cursor and fires no event.
 */
import { type Cursor, writeCursor } from './position.ts';

/** Why a connection ends. */
export type ByeReason =
  /** The session has ended: the browser must not come back. */
  | 'session'
  /** The caller has too many connections or requests. */
  | 'limit'
  /** The connection is old; the browser comes back at once. */
  | 'age'
  /** Redis does not answer. */
  | 'unavailable';

/** The reason of a reset: see `check-script.ts`. */
export type ResetReason = 'trimmed' | 'lost' | 'behind';

/** The data of the first event. */
export interface Hello {
  /** `true` if every topic continues after the cursor, without a gap. */
  resumed: boolean;
  topics: readonly string[];
  /** The longest time between two frames, in ms. */
  heartbeatMs: number;
  /** When the connection ends, in ms since the epoch. */
  until: number;
  /** `poll`: the answer ends at once, and the browser comes back after `retry`. */
  mode: 'stream' | 'poll';
  /** The ids of the callers who are present, for each topic with presence. */
  present: Readonly<Record<string, readonly string[]>>;
}

/** Returns the first frame. `retryMs` is the browser's wait before it connects again. */
export function helloFrame(cursor: Cursor, retryMs: number, hello: Hello): string {
  return `retry: ${Math.round(retryMs)}\n${frame(cursor, 'hello', JSON.stringify(hello))}`;
}

/** Returns the frame of an event. `data` is JSON. */
export function eventFrame(cursor: Cursor, topic: string, data: string): string {
  return frame(cursor, topic, data);
}

/** Returns a frame that moves the cursor and fires no event. */
export function heartbeatFrame(cursor: Cursor): string {
  return `id: ${writeCursor(cursor)}\n\n`;
}

/** Returns the frame of a reset: events of the topic may be missing. */
export function resetFrame(cursor: Cursor, topic: string, why: ResetReason): string {
  return frame(cursor, 'reset', JSON.stringify({ topic, why }));
}

/** Returns the last frame. It has no id, so the browser keeps its cursor. */
export function byeFrame(why: ByeReason, retryMs?: number): string {
  if (retryMs === undefined) return `event: bye\ndata: ${JSON.stringify({ why })}\n\n`;
  const wait = Math.round(retryMs);
  return `retry: ${wait}\nevent: bye\ndata: ${JSON.stringify({ why, retryMs: wait })}\n\n`;
}

function frame(cursor: Cursor, event: string, data: string): string {
  return `id: ${writeCursor(cursor)}\nevent: ${event}\ndata: ${data}\n\n`;
}
