/**
 * Conditional write-behind: the value is written only if a check accepts the current value, and no other write came
 * between the check and the write. The database cannot tell, because Redis has the newest value. So the writer leaves a
 * mark in Redis before it reads; every write removes the mark, and a conditional write needs it (as `WATCH` does in a
 * connection). Writers that see the same value share one mark, so one of them always writes.
 */
import { isText, isTuple, script } from '../redis/index.ts';
import { loadOne } from './fill.ts';
import { unpack } from './payload.ts';
import type { CacheServices, Reading } from './services.ts';
import { parseUnflushed } from './unflushed.ts';
import { journalWrite } from './write-behind.ts';

/** The time from the mark to the write, in ms. After it the writer checks again. */
const SEEN_MS = 30_000;

const seeScript = script<[mark: string, pending: string]>(
  'write-behind.see',
  `
-- Marks a value as seen, and returns its pending form.
-- KEYS[1] mark  KEYS[2] pending value
-- ARGV[1] a new mark  ARGV[2] life of the mark in ms
-- Returns {mark, pending value or ''}.
-- Keeps: as long as a mark exists, nothing was written behind since the first writer got it.
local seen, unflushed, mark, ttl = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
mark = redis.call('GET', seen) or mark
redis.call('SET', seen, mark, 'PX', ttl)
return {mark, redis.call('GET', unflushed) or ''}
`,
  { isReply: isTuple(isText, isText) },
);

/** Checks the current value before a write; throws to refuse the write. It may be called again with a later value. */
export type CheckCurrent<Value> = (current: Value) => void;

/**
 * Writes behind if the current value passes the check. 2 requests, 2 commands and, if no value is pending, the query's
 * loader; as much again for each write of another caller in between.
 * @throws the error of the check or of the loader; then nothing was written.
 */
export async function journalWriteIf<Value>(
  services: CacheServices,
  reading: Reading<Value>,
  tenant: string,
  value: Value,
  check: CheckCurrent<Value>,
): Promise<void> {
  let mark: string;
  do {
    const { keys } = reading;
    const [seen, pending] = await seeScript.call(
      services.redis,
      [keys.seen, keys.pending],
      [services.system.token(), SEEN_MS],
    );
    mark = seen;
    check(await currentOf(services, reading, pending));
  } while (!(await journalWrite(services, reading, tenant, value, mark)));
}

/** Returns the pending value, or loads the value from its source: a cached entry may be stale. */
async function currentOf<Value>(services: CacheServices, reading: Reading<Value>, pending: string): Promise<Value> {
  const found = parseUnflushed(pending);
  const opened = found && 'entry' in found ? await unpack(found.entry, reading.packing?.seal ?? null) : null;
  return opened ? (opened.value as Value) : loadOne(services, reading);
}
