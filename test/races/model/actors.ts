/** The actors of the race matrix: the platform's own reads, writes and drain, with a database of one row. */
import {
  type Commit,
  createCache,
  createCacheStatistics,
  createInvalidator,
  createMemory,
  type LoadContext,
  query,
} from '../../../src/platform/cache/index.ts';
import type { Log } from '../../../src/platform/log.ts';
import { type CommitServices, commit, drainOutbox, type Invalidator } from '../../../src/platform/outbox/index.ts';
import { tag } from '../../../src/platform/redis/index.ts';
import { outboxStore } from '../../support/outbox-sql.ts';
import { fromCode, toCode, toValue } from './names.ts';
import type { OutboxRow, Program, Tools } from './program.ts';

/** How a writer invalidates the row's entries. */
export type Change = 'tag' | 'forget' | 'pattern' | 'write-through';

interface Context extends LoadContext {
  select(): Promise<string>;
}

const TENANT = 't';
/** The row without a write. */
const NOTHING = toValue(0);
const ROW = tag('row');
const times = { ttl: '5m', stale: '5m' } as const;
const load = (_args: { id: string }, { select }: Context) => select();
/** The query of readers, if writers change one of its tags. */
const tagged = query('row', { ...times, onTimeout: 'load', tags: () => [ROW], load });
/** The query of readers, if writers remove its entries. */
const untagged = query('row', { ...times, onTimeout: 'load', load });
const which = { id: '1' };

const isUntagged = (change: Change) => change === 'forget' || change === 'pattern';

/** When the loads of a reader fail: always, or while the row has no write (it is not found). */
export type Failing = 'always' | 'without a write';

/** How a reader waits and fails. */
export interface ReaderOptions {
  /** The longest wait for another load, in ms. A wait only adds orders. Default 0. */
  waitMs?: number;
  /** Default: no load fails. */
  failing?: Failing | undefined;
  /** At the end of its wait a reader gets an error and does not load. */
  refusing?: boolean | undefined;
}

/** Reads once. A reader that finds the lease held loads when its wait is over. */
export function reader(change: Change, { waitMs = 0, failing, refusing = false }: ReaderOptions = {}): Program {
  const given = {
    ...times,
    onTimeout: refusing ? 'refuse' : 'load',
    ...(!isUntagged(change) && { tags: () => [ROW] }),
    load: async (_args: { id: string }, { select }: Context) => {
      const value = await select();
      if (failing === undefined || (failing === 'without a write' && value !== NOTHING)) return value;
      throw Object.assign(new Error(), { status: 404, code: toCode(value) });
    },
  } as const;
  const declared = query('row', given);
  return (tools) =>
    cacheOf(tools, {}, createMemory(), waitMs)
      .read(declared, which)
      .catch((error: { code?: string }) => {
        if (error.code === 'CACHE_BUSY') return NOTHING;
        const seen = fromCode(error.code);
        if (seen === null) throw error;
        return seen;
      });
}

/** Writes and invalidates once. */
export function writer(name: string, change: Change, options: WriterOptions = {}): Program {
  return async (tools) => {
    const cache = cacheOf(tools, options);
    switch (change) {
      case 'tag':
        return write(tools, options)(async (tx) => tx.invalidate(ROW));
      case 'write-through':
        return cache.write(tagged, which, async () => withWrite(String(await select(tools)), name));
      case 'forget':
        await write(tools, options)(async () => undefined);
        return cache.forget(untagged, which);
      case 'pattern':
        await write(tools, options)(async () => undefined);
        return cache.forgetMatching('row:*');
    }
  };
}

export interface WriterOptions {
  whenDown?: 'available' | 'strict';
  /** The transaction fails while its tags are being marked, before COMMIT. */
  failing?: boolean;
  /** Whether the scenario has a drain of the outbox. */
  outbox?: boolean;
}

/** Drains the outbox once. */
export function drain(): Program {
  return (tools) => {
    const store = outboxStore(TENANT, {
      transaction: () => Promise.reject(new Error('The drain needs no transaction')),
      take: () => tools.ask({ to: 'sql', statement: 'read entries' }) as Promise<OutboxRow[]>,
      keep: (ids) => tools.ask({ to: 'sql', statement: 'keep entries', ids }),
      delete: (ids) => tools.ask({ to: 'sql', statement: 'delete entries', ids }),
    });
    const { system } = tools;
    return drainOutbox({ store, invalidator: invalidatorOf(tools), system });
  };
}

/** An isolate with a memory, which reads several times in turn. */
export function rememberingReads(memoryMs: number, reads: number): Program {
  const remembered = query('row', { ...times, memory: memoryMs, tags: () => [ROW], load });
  return async (tools) => {
    const memory = createMemory();
    for (let read = 0; read < reads; read += 1) {
      await tools.ask({ to: 'clock' });
      const served = await cacheOf(tools, {}, memory).read(remembered, which);
      await tools.ask({ to: 'clock', served });
    }
  };
}

function cacheOf(tools: Tools, options: WriterOptions = {}, memory = createMemory(), waitMs = 0) {
  const { redis, system, after } = tools;
  return createCache<Context>({
    context: { tenant: TENANT, select: () => select(tools) },
    redis,
    system,
    after,
    statistics: createCacheStatistics(),
    memory,
    commit: write(tools, options),
    waitMs,
  });
}

async function select({ ask }: Tools): Promise<string> {
  return String(await ask({ to: 'sql', statement: 'SELECT' }));
}

/** `commit` as the platform binds it. Changes of a transaction become visible at COMMIT. */
function write(tools: Tools, { whenDown = 'available', failing = false, outbox = false }: WriterOptions) {
  const store = outboxStore(TENANT, {
    async transaction(work) {
      const rows: OutboxRow[] = [];
      const value = await work(rows);
      await tools.ask({ to: 'sql', statement: 'COMMIT', rows: outbox ? rows : [] });
      return value;
    },
    insert() {
      if (failing) throw new Error('This transaction fails while its tags are being marked');
    },
    keep: (ids) => (outbox ? tools.ask({ to: 'sql', statement: 'keep entries', ids }) : undefined),
    delete: (ids) => (outbox ? tools.ask({ to: 'sql', statement: 'delete entries', ids }) : undefined),
  });
  const { system, after } = tools;
  const services = {
    tenant: TENANT,
    store,
    invalidator: invalidatorOf(tools),
    system,
    log,
    after,
  };
  return bound({ ...services, whenDown });
}

/** A cache as the platform creates it. */
const invalidatorOf = ({ redis, system }: Tools): Invalidator => createInvalidator(redis, system);

/** `commit` with its services. */
function bound(services: CommitServices): Commit {
  return (run, options) => commit(services, run, options);
}

function withWrite(value: string, name: string): string {
  const writes = new Set([...(value.match(/W\d/g) ?? []), name]);
  return `<${[...writes].sort().join('')}>`;
}

const silence = () => undefined;
const log: Log = { debug: silence, info: silence, warn: silence, error: silence, with: () => log };
