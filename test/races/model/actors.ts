/** The actors of the race matrix: the platform's own reads, writes and drain, with a database of one row to play with. */
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
import type { Owed, Program, Tools } from './program.ts';

/** How a writer makes what it changed known. */
export type Change = 'tag' | 'forget' | 'pattern' | 'write-through';

interface Context extends LoadContext {
  select(): Promise<string>;
}

const TENANT = 't';
const ROW = tag('row');
const times = { ttl: '5m', stale: '5m' } as const;
const load = (_args: { id: string }, { select }: Context) => select();
/** What readers read, if writers change a tag of it. */
const tagged = query('row', { ...times, tags: () => [ROW], load });
/** What readers read, if writers remove it. */
const untagged = query('row', { ...times, load });
const which = { id: '1' };

const queryFor = (change: Change) => (change === 'forget' || change === 'pattern' ? untagged : tagged);

/** Reads once. Whoever finds the lease held loads for itself at once: waiting would only be another order. */
export function reader(change: Change): Program {
  return (tools) => cacheOf(tools).read(queryFor(change), which);
}

/** Writes once, and makes it known. */
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
  /** The transaction fails once its tags are being marked, before COMMIT. */
  failing?: boolean;
  /** Whether the outbox matters: somebody drains it. */
  outbox?: boolean;
}

/** Drains the outbox once. */
export function drain(): Program {
  return (tools) => {
    const store = outboxStore(TENANT, {
      transaction: () => Promise.reject(new Error('The drain needs no transaction')),
      take: () => tools.ask({ to: 'sql', statement: 'take owed' }) as Promise<Owed[]>,
      keep: (ids) => tools.ask({ to: 'sql', statement: 'keep owed', ids }),
      delete: (ids) => tools.ask({ to: 'sql', statement: 'delete owed', ids }),
    });
    const { system } = tools;
    return drainOutbox({ store, invalidator: invalidatorOf(tools), system });
  };
}

/** What an isolate with a memory does: reads one after the other. */
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

function cacheOf(tools: Tools, options: WriterOptions = {}, memory = createMemory()) {
  const { redis, system, after } = tools;
  return createCache<Context>({
    context: { tenant: TENANT, select: () => select(tools) },
    redis,
    system,
    after,
    statistics: createCacheStatistics(),
    memory,
    commit: write(tools, options),
    waitMs: 0,
  });
}

async function select({ ask }: Tools): Promise<string> {
  return String(await ask({ to: 'sql', statement: 'SELECT' }));
}

/** `commit` as the platform binds it. What a transaction does to rows shows at COMMIT and not before. */
function write(tools: Tools, { whenDown = 'available', failing = false, outbox = false }: WriterOptions) {
  const store = outboxStore(TENANT, {
    async transaction(work) {
      const owed: Owed[] = [];
      const value = await work(owed);
      await tools.ask({ to: 'sql', statement: 'COMMIT', owed: outbox ? owed : [] });
      return value;
    },
    insert() {
      if (failing) throw new Error('This transaction fails while its tags are being marked');
    },
    keep: (ids) => (outbox ? tools.ask({ to: 'sql', statement: 'keep owed', ids }) : undefined),
    delete: (ids) => (outbox ? tools.ask({ to: 'sql', statement: 'delete owed', ids }) : undefined),
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

/** As the platform makes it. */
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
