/** The examples of docs/cache.md, as code that runs: `test/platform/cache/examples.test.ts` runs each of them. */
import { type Cache, type LoadContext, query, TTL } from 'holdfast/cache';
import { tag } from 'holdfast/redis';

/** Replaces a database, so that the examples run anywhere. */
export const source = new Map<string, string>();
export const loads: string[] = [];

async function find(id: string): Promise<string | null> {
  loads.push(id);
  return source.get(id) ?? null;
}

type ById = { id: string };
const itemTag = (id: string) => tag('item', id);

/** Cache-aside with a tag, served stale while one reader refreshes it, and for longer if the source is down. */
export const itemById = query('example-item', {
  ttl: TTL.STANDARD,
  stale: '5m',
  staleIfError: '1h',
  negativeTtl: '30s',
  tags: ({ id }: ById) => [itemTag(id)],
  load: ({ id }, _context: LoadContext) => find(id),
});

/** Many at once: one lookup, one call of the loader for the missing values. */
export const manyItems = query('example-items', {
  ttl: TTL.LONG,
  tags: ({ id }: ById) => [itemTag(id)],
  loadMany: (all: readonly ById[], _context: LoadContext) => Promise.all(all.map(({ id }) => find(id))),
});

/** Hot and allowed to be five seconds old: answered from this isolate's memory, refreshed ahead of its end. */
export const hotItem = query('example-hot', {
  ttl: TTL.SHORT,
  memory: '5s',
  refreshAhead: true,
  tags: ({ id }: ById) => [itemTag(id)],
  load: ({ id }, _context: LoadContext) => find(id),
});

export async function cacheAside(cache: Cache<LoadContext>): Promise<string | null> {
  return cache.read(itemById, { id: 'a' });
}

export async function batch(cache: Cache<LoadContext>): Promise<(string | null)[]> {
  return cache.readMany(manyItems, [{ id: 'a' }, { id: 'b' }]);
}

export async function warming(cache: Cache<LoadContext>): Promise<number> {
  const { loaded } = await cache.warm(manyItems, [{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
  return loaded;
}

/** A change outside of `commit`: invalidate the tags that changed. */
export async function invalidation(cache: Cache<LoadContext>, id: string): Promise<void> {
  await cache.invalidate(itemTag(id));
}

/** Plain operations, for values without a query. */
export async function plainStore(cache: Cache<LoadContext>): Promise<[number, string | undefined]> {
  const visits = await cache.store.increment('visits:today');
  await cache.store.set('banner', 'We ship on Friday', TTL.DAY);
  return [visits, await cache.store.get<string>('banner')];
}
