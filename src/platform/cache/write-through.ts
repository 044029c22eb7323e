/**
 * Write-through: writes to the database first, then stores the written value in the cache. The entry's tags are marked
 * before the write begins. The settle stores the entry only if no other writer has changed those tags since. After
 * another writer's change, the current value is unknown, so nothing is stored. A failed write leaves the cache
 * unchanged.
 */
import type { CommitOptions, Transaction } from '../outbox/index.ts';
import type { Tag } from '../redis/index.ts';
import { asOfNow, countStored, makeEntry, rememberEntry } from './fill.ts';
import type { CacheServices, Reading } from './services.ts';
import { settleAndStore } from './settle-and-store.ts';

/** Runs a write; see `outbox/commit.ts`. */
export type Commit<Tx = unknown> = <Result>(
  run: (tx: Transaction<Tx>) => Promise<Result>,
  options?: CommitOptions<Result>,
) => Promise<Result>;

/**
 * Runs `write` in a transaction, and stores its result under the reading's key. Two requests, two commands: mark,
 * then settle and store.
 * @throws {TypeError} if the query has no tags: without versions, other writers cannot be detected.
 * @throws the error of `write`; then the cache has not changed.
 */
export async function writeThrough<Value, Tx>(
  services: CacheServices,
  commit: Commit<Tx>,
  reading: Reading<Value>,
  tags: readonly Tag[],
  write: (tx: Transaction<Tx>) => Promise<Value>,
): Promise<Value> {
  const { keys, query, packing } = reading;
  if (keys.versions.length === 0) throw new TypeError(`Query ${query.name} needs a tag to be written through`);
  const { redis, system } = services;
  const started = system.now();
  return commit(write, {
    markFirst: tags,
    async settle({ result, writer, version: newVersion, versionKeys, marked }) {
      const own = keys.versions.map((key) => ({ key, version: marked?.get(key) ?? '' }));
      const versions = own.map(() => newVersion);
      const entry = packing
        ? await makeEntry(services, reading, {
            value: result,
            versions,
            // The script adds the era.
            era: '',
            fillId: newVersion,
            loadMs: system.now() - started,
          })
        : null;
      const made = entry?.isOversized ? null : entry;
      const settling = asOfNow(services);
      // Nothing may be stored if there is no entry or if the tags have no marks. In both cases the script gets empty
      // versions, which match no tag, and so stores nothing.
      const storing = settleAndStore(redis, versionKeys, writer, newVersion, {
        entry: keys.entry,
        lease: keys.lease,
        stored: made?.stored ?? '',
        ttlMs: made?.ttlMs ?? 1,
        own: made && marked ? own : own.map(({ key }) => ({ key, version: '' })),
      });
      services.tell(versionKeys);
      const stored = await storing;
      if (!stored || !made) return;
      countStored(services, reading, made);
      rememberEntry(services, reading, made.entry, settling);
    },
  });
}
