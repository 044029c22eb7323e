/**
 * Handles a batch of events: first all together; if that fails, each alone, to find the event that fails. An event
 * without attempts left is put aside.
 */
import { comparePositions, type StoredEvent } from '../events/index.ts';
import { backoffMs, type Waits } from '../jobs/index.ts';
import { isRefusal, RedisError } from '../redis/index.ts';
import { toDatabaseError } from '../sql/index.ts';
import { KEY_HELD } from './dead-events.ts';
import type { Run } from './group-run.ts';
import { streamKeys } from './keys.ts';
import type { Entry } from './take.ts';

/** An event to handle, with the id of its entry. */
export interface Delivered {
  id: string;
  event: StoredEvent;
  /** The number of this attempt. */
  deliveries: number;
}

/** The result of a batch. Ids that are in neither list failed. */
export interface Handled {
  /** The ids of the events that are handled or dead. */
  done: string[];
  /** The ids of the events that were not tried, because an earlier event failed. */
  untried: string[];
  /** The wait before the next attempt, in ms; `null` if none failed. */
  pauseMs: number | null;
  /** Whether the failure is a fault of the database or of Redis, which does not count as an attempt. */
  outage: boolean;
}

/** The reason of an event whose runs never ended, as after a crash. */
const NO_END = 'NO_END';
/** The wait after a fault of the database or of Redis, in ms. */
const OUTAGE_MS = 30_000;

/** The waits after the attempts of an event: 5 s, 10 s, … up to 10 min. */
const WAITS: Waits = { first: 5_000, factor: 2, max: 600_000 };

/** Handles entries of the stream. An entry that this release cannot read is a loss: its event is read from SQL. */
export async function handleEntries(run: Run, entries: readonly Entry[]): Promise<Handled> {
  const delivered: Delivered[] = [];
  const unreadable: string[] = [];
  for (const { id, text, deliveries } of entries) {
    const event = storedOf(text);
    if (event) delivered.push({ id, event, deliveries });
    else unreadable.push(id);
  }
  if (unreadable.length > 0) {
    const { redis, system } = run.context.scope;
    const { state } = streamKeys(run.group.tenant, run.group.stream);
    await redis.hset(state, { [`loss:${run.group.name}`]: system.token() });
    run.context.log.warn('streams.unreadable', { stream: run.group.stream, entries: unreadable.length });
  }
  const handled = await handle(run, delivered, run.consumer.order === 'key');
  return { ...handled, done: [...unreadable, ...handled.done] };
}

function storedOf(text: string): StoredEvent | null {
  try {
    const event = JSON.parse(text) as StoredEvent;
    const isRead = typeof event.key === 'string' && typeof event.version === 'number' && /^\d+$/.test(event.xid);
    return isRead ? event : null;
  } catch {
    return null;
  }
}

/**
 * Handles events.
 * @param stops whether a failure ends the batch, so that a later event is not handled before the failed one.
 * @throws the reason of the signal, if the run has to end.
 */
export async function handle(run: Run, delivered: readonly Delivered[], stops: boolean): Promise<Handled> {
  const result: Handled = { done: [], untried: [], pauseMs: null, outage: false };
  const open = await withoutDead(run, delivered, result);
  if (open.length === 0) return result;
  let failure = await attempt(run, open);
  if (failure === null) return finished(run, open, result);
  for (const [index, each] of open.entries()) {
    const { id, event, deliveries } = each;
    if (run.consumer.order === 'key' && run.dead.holds(event.key)) {
      await putAside(run, event, KEY_HELD);
      result.done.push(id);
      continue;
    }
    if (open.length > 1) failure = await attempt(run, [each]);
    if (failure === null) {
      finished(run, [each], result);
      continue;
    }
    const { error } = failure;
    if (isOutage(error)) {
      const untried = open.slice(index).map((other) => other.id);
      return { ...result, untried, pauseMs: OUTAGE_MS, outage: true };
    }
    run.context.log.warn('streams.event_failed', { ...placeOf(run), type: event.type, attempt: deliveries, error });
    if (deliveries >= run.consumer.most) {
      await putAside(run, event, reasonOf(error));
      result.done.push(id);
      continue;
    }
    result.pauseMs = Math.max(result.pauseMs ?? 0, backoffMs(WAITS, deliveries));
    if (stops) return { ...result, untried: open.slice(index + 1).map((other) => other.id) };
  }
  return result;
}

/** Sorts out the events that are handled already, and the events that cannot be handled. */
async function withoutDead(run: Run, delivered: readonly Delivered[], { done }: Handled): Promise<Delivered[]> {
  const { consumer, dead, row } = run;
  const open: Delivered[] = [];
  for (const each of delivered) {
    const { id, event, deliveries } = each;
    if (comparePositions(event, row) <= 0 || dead.has(event)) {
      done.push(id);
    } else if (consumer.order === 'key' && dead.holds(event.key)) {
      await putAside(run, event, KEY_HELD);
      done.push(id);
    } else if (deliveries > consumer.most) {
      await putAside(run, event, NO_END);
      done.push(id);
    } else {
      open.push(each);
    }
  }
  return open;
}

async function putAside(run: Run, { key, version, type }: StoredEvent, reason: string): Promise<void> {
  await run.dead.putAside([{ key, version, reason }], run.context.scope.system.now());
  run.context.log.error('streams.event_dead', { ...placeOf(run), type, reason });
}

async function attempt(run: Run, delivered: readonly Delivered[]): Promise<{ error: unknown } | null> {
  run.context.signal.throwIfAborted();
  try {
    await run.consumer.apply(
      delivered.map(({ event }) => event),
      { group: run.group, context: run.context },
    );
    return null;
  } catch (error) {
    run.context.signal.throwIfAborted();
    return { error };
  }
}

function finished(run: Run, delivered: readonly Delivered[], result: Handled): Handled {
  run.handled += delivered.length;
  result.done.push(...delivered.map(({ id }) => id));
  return result;
}

function placeOf({ group }: Run) {
  return { stream: group.stream, group: group.name };
}

/** Returns the code or the name of an error. Its message may quote data. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** Returns whether an error is a fault of the database or of Redis that passes. */
export function isOutage(error: unknown): boolean {
  if (error instanceof RedisError) return !isRefusal(error) || error.reply === 'OOM';
  const code = toDatabaseError(error)?.code;
  return code === 'DB_UNAVAILABLE' || code === 'DB_CONFLICT';
}
