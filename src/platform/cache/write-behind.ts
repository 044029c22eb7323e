/**
 * Write-behind: a write is acknowledged when Redis has it, and reaches the database later, in batches. One script
 * adds the write to a journal (a stream) and stores the value for readers. The flush applies the journal in a SQL
 * transaction that also records each write's id, so that a crash between any two steps neither loses a write nor
 * applies a write twice. Until the flush only Redis has the write: use write-behind only if Redis's durability is
 * enough.
 */
import {
  isOneOf,
  isText,
  key,
  NO_TENANT,
  type RedisClient,
  type RedisKey,
  type Sealer,
  script,
} from '../redis/index.ts';
import type { SqlStore } from '../sql/index.ts';
import type { System } from '../system.ts';
import { pack, unpack } from './payload.ts';
import type { Query } from './query.ts';
import type { LoadContext, QueryArgs } from './query-definition.ts';
import { type CacheServices, ofEntry, packingOf, type Reading } from './services.ts';
import { formatUnflushed } from './unflushed.ts';
import { VERSION_TTL_MS } from './versions.ts';

const journalScript = script<string>(
  'write-behind.journal',
  `
-- Adds a write to the journal, and stores its value for readers.
-- KEYS[1] journal  KEYS[2] pending value  KEYS[3] mark of the writers that have seen the value
-- ARGV[1] write id  ARGV[2] tenant  ARGV[3] arguments, JSON  ARGV[4] encoding  ARGV[5] text of the value
-- ARGV[6] the pending value  ARGV[7] the mark of a conditional write, or ''
-- Returns the stream id of the write, or 'changed' if another write came after the mark.
-- Keeps: a value is pending if and only if the journal has its write; no write leaves a mark from before it.
local journal, unflushed, seen = KEYS[1], KEYS[2], KEYS[3]
local write, tenant, args, encoding = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local text, value, required = ARGV[5], ARGV[6], ARGV[7]
if required ~= '' and redis.call('GET', seen) ~= required then return 'changed' end
-- A full Redis refuses the first command if it needs memory, and none after a command that changed something.
redis.call('SET', unflushed, value)
local streamId = redis.call('XADD', journal, '*', 'write', write, 'tenant', tenant, 'args', args, 'encoding', encoding, 'text', text)
redis.call('DEL', seen)
return streamId
`,
  { isReply: isText },
);

const doneScript = script<number>(
  'write-behind.done',
  `
-- Removes an applied write from the journal. The value stops being pending, unless a later write has replaced it.
-- KEYS[1] journal  KEYS[2] pending value  KEYS[3..] versions of the tags
-- ARGV[1] stream id  ARGV[2] write id  ARGV[3] a new unique version  ARGV[4] version TTL in ms
-- Returns 1 if the value stopped being pending, 0 if not.
-- Keeps: once a value is no longer pending, readers load it from the database.
local journal, unflushed, streamId, write, newVersion, ttl = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
for i = 3, #KEYS do
  local value = redis.call('GET', KEYS[i])
  if value and not string.find(value, '!', 1, true) then
    redis.call('SET', KEYS[i], newVersion .. '+' .. string.match(value, '^[^+~]*'), 'PX', ttl)
  end
end
redis.call('XDEL', journal, streamId)
local pending = redis.call('GET', unflushed)
if pending and string.match(pending, '^(%S+) ') == write then return redis.call('DEL', unflushed) end
return 0
`,
  // The script may run in a full Redis: it creates no key, and it frees the journal's copy of the text.
  { allowOom: true, isReply: isOneOf(0, 1) },
);

/**
 * Adds a write to the journal, and stores its value for readers. One request, one command.
 * @param mark the mark of a conditional write; see `write-behind-if.ts`.
 * @returns `false` if another write came after the mark; then nothing is written.
 */
export async function journalWrite<Value>(
  services: CacheServices,
  reading: Reading<Value>,
  tenant: string,
  value: Value,
  mark = '',
): Promise<boolean> {
  const { query, keys, packing, args } = reading;
  if (!query.writtenBehind) throw new TypeError(`Query ${query.name} has no flush, so nothing can be written behind`);
  if (!packing) throw new TypeError(`Query ${query.name} is sealed, and there are no SEAL_KEYS`);
  const writeId = services.system.token();
  const payload = await pack(value, packing);
  const journalled = journalScript.call(
    services.redis,
    [journalOf(query.name), keys.pending, keys.seen],
    [writeId, tenant, JSON.stringify(args), payload.encoding, payload.text, formatUnflushed(writeId, payload), mark],
  );
  services.tell(ofEntry(keys.versions));
  if ((await journalled) === 'changed') return false;
  services.statistics.count(query.name, 'sets');
  return true;
}

/** The result of a flush. */
export interface FlushResult {
  /** The number of writes that were taken from the journal. */
  taken: number;
  /** The number of taken writes that an earlier flush had applied before its process died. */
  alreadyApplied: number;
}

/** How long ids of applied writes are kept, in ms: longer than any flush takes between journal and transaction. */
const REMEMBER_APPLIED_MS = 86_400_000;

/**
 * Applies the oldest writes in the journal of a query to the database. Flushes may overlap; a further call takes
 * further writes.
 * @param limit the maximum number of writes to take.
 * @throws the error of the query's `flush`: nothing was applied, and the journal keeps the writes.
 */
export async function flushWrites<Args extends QueryArgs, Value, Context extends LoadContext>(
  services: { redis: RedisClient; system: System; sealer: Sealer | null; store: SqlStore },
  query: Query<Args, Value, Context>,
  limit = 500,
): Promise<FlushResult> {
  const { redis, system, sealer, store } = services;
  const { flush } = query;
  if (!flush) throw new TypeError(`Query ${query.name} has no flush`);
  const journal = journalOf(query.name);
  const writes = await Promise.all(
    (await readJournal(redis, journal, limit)).map((entry) => openWrite(query, entry, sealer)),
  );
  if (writes.length === 0) return { taken: 0, alreadyApplied: 0 };

  const fresh = await store.transaction(async (tx) => {
    const now = new Date(system.now()).toISOString();
    const applied = await store.query<{ id: string }>(NOTE_APPLIED, [writes.map(({ writeId }) => writeId), now], tx);
    const isNew = new Set(applied.map(({ id }) => id));
    const toApply = writes.filter(({ writeId }) => isNew.has(writeId));
    // The cast is safe: `tx` belongs to the database client that the loaders of this app use. The type of the query
    // does not show this.
    if (toApply.length > 0) await flush(toApply, tx as Parameters<typeof flush>[1]);
    return toApply.length;
  });

  await Promise.all(
    writes.map(({ streamId, writeId, keys }) =>
      doneScript.call(
        redis,
        [journal, keys.pending, ...keys.versions],
        [streamId, writeId, system.token(), VERSION_TTL_MS],
      ),
    ),
  );
  // This statement deletes only old rows. Newer rows stay: another flush may have read the same writes, and must find
  // the rows of these writes.
  await store.query(FORGET_APPLIED, [new Date(system.now() - REMEMBER_APPLIED_MS).toISOString()]);
  return { taken: writes.length, alreadyApplied: writes.length - fresh };
}

const NOTE_APPLIED = `
  INSERT INTO applied_writes (id, applied_at) SELECT id, $2::timestamp FROM unnest($1::text[]) AS id
  ON CONFLICT DO NOTHING RETURNING id`;
const FORGET_APPLIED = 'DELETE FROM applied_writes WHERE applied_at < $1::timestamp';

interface JournalledWrite {
  streamId: string;
  writeId: string;
  tenant: string;
  args: string;
  encoding: string;
  text: string;
}

async function readJournal(redis: RedisClient, journal: RedisKey, limit: number): Promise<JournalledWrite[]> {
  const entries = await redis.exec<[id: string, fields: string[]][]>(['XRANGE', journal, '-', '+', 'COUNT', limit]);
  return entries.map(([streamId, fields]) => {
    const of = (name: string) => fields[fields.indexOf(name) + 1] ?? '';
    return {
      streamId,
      writeId: of('write'),
      tenant: of('tenant'),
      args: of('args'),
      encoding: of('encoding'),
      text: of('text'),
    };
  });
}

/** The writes of a query that wait for a flush. */
export interface JournalBacklog {
  writes: number;
  /** The age of the oldest of them, in ms; 0 without one. */
  ageMs: number;
}

/** Reads the backlog of a query's journal. 1 request, 2 commands. */
export async function readJournalBacklog(
  { redis, system }: { redis: RedisClient; system: Pick<System, 'now'> },
  query: { readonly name: string },
): Promise<JournalBacklog> {
  const journal = journalOf(query.name);
  const [writes, [oldest]] = await Promise.all([redis.xlen(journal), readJournal(redis, journal, 1)]);
  return { writes, ageMs: oldest ? Math.max(0, system.now() - Number.parseInt(oldest.streamId, 10)) : 0 };
}

async function openWrite<Args extends QueryArgs, Value, Context extends LoadContext>(
  query: Query<Args, Value, Context>,
  { streamId, writeId, tenant, args: text, ...payload }: JournalledWrite,
  sealer: Sealer | null,
) {
  const args = JSON.parse(text) as Args;
  const keys = query.keysOf(tenant, args);
  const packing = packingOf(query, tenant, keys, sealer);
  const opened = packing && (await unpack(payload, packing.seal));
  if (!opened) throw new Error(`A journalled write of ${query.name} cannot be opened; is a sealing key missing?`);
  const at = Number.parseInt(streamId, 10);
  return { streamId, writeId, tenant, args, keys, value: opened.value as Value, at };
}

function journalOf(query: string): RedisKey {
  return key(NO_TENANT, 'journal', query);
}
