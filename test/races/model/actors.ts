/** The actors of the race matrix: the platform's own reads, writes and drain, with a database of one row. */
import type { PrismaClient } from '#prisma';
import {
  createCache,
  createCacheStatistics,
  createInvalidator,
  createMemory,
  type LoadContext,
  query,
} from '../../../src/platform/cache/index.ts';
import { commit, type Database, drainOutbox, type Invalidator } from '../../../src/platform/db/index.ts';
import type { Log } from '../../../src/platform/log.ts';
import { tag } from '../../../src/platform/redis/index.ts';
import type { OutboxRow, Program, Tools } from './program.ts';

/** How a writer invalidates the row's entries. */
export type Change = 'tag' | 'forget' | 'pattern' | 'write-through';

interface Context extends LoadContext {
  select(): Promise<string>;
}

const TENANT = 't';
const ROW = tag('row');
const times = { ttl: '5m', stale: '5m' } as const;
const load = (_args: { id: string }, { select }: Context) => select();
/** The query of readers, if writers change one of its tags. */
const tagged = query('row', { ...times, tags: () => [ROW], load });
/** The query of readers, if writers remove its entries. */
const untagged = query('row', { ...times, load });
const which = { id: '1' };

const queryFor = (change: Change) => (change === 'forget' || change === 'pattern' ? untagged : tagged);

/** Reads once. A reader that finds the lease held loads the value immediately: waiting would only be another order. */
export function reader(change: Change): Program {
  return (tools) => cacheOf(tools).read(queryFor(change), which);
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

/** Rows of the outbox by their ids. */
interface Where {
  where: { id: { in: string[] } };
}

/** Drains the outbox once. */
export function drain(): Program {
  return (tools) => {
    const client = {
      $queryRaw: async () => {
        const rows = (await tools.ask({ to: 'sql', statement: 'read entries' })) as OutboxRow[];
        return rows.map(({ id, kind, payload }) => ({ id, tenant_id: TENANT, kind, payload, attempts: 1 }));
      },
      outbox: {
        deleteMany: ({ where }: Where) => tools.ask({ to: 'sql', statement: 'delete entries', ids: where.id.in }),
        // An entry that could not be handled stays in the table unchanged.
        updateMany: async ({ where, data }: Where & { data: { kind?: string } }) =>
          data.kind ? tools.ask({ to: 'sql', statement: 'keep entries', ids: where.id.in }) : undefined,
      },
    };
    const { system } = tools;
    return drainOutbox({ database: databaseOf(client), invalidator: invalidatorOf(tools), system });
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

/** `commit` as the platform binds it. Changes of a transaction become visible at COMMIT. */
function write(tools: Tools, { whenDown = 'available', failing = false, outbox = false }: WriterOptions) {
  const client = {
    async $transaction(run: (tx: unknown) => Promise<unknown>) {
      const rows: OutboxRow[] = [];
      const createMany = async ({ data }: { data: readonly OutboxRow[] }) => {
        if (failing) throw new Error('This transaction fails while its tags are being marked');
        rows.push(...data.map(({ id, kind, payload }) => ({ id, kind, payload })));
      };
      const value = await run({ outbox: { createMany } });
      await tools.ask({ to: 'sql', statement: 'COMMIT', rows: outbox ? rows : [] });
      return value;
    },
    outbox: {
      updateMany: async ({ where }: Where) =>
        outbox ? tools.ask({ to: 'sql', statement: 'keep entries', ids: where.id.in }) : undefined,
      deleteMany: async ({ where }: Where) =>
        outbox ? tools.ask({ to: 'sql', statement: 'delete entries', ids: where.id.in }) : undefined,
    },
  };
  const { system, after } = tools;
  const services = {
    tenant: TENANT,
    database: databaseOf(client),
    invalidator: invalidatorOf(tools),
    system,
    log,
    after,
  };
  return <Result>(run: Parameters<typeof commit<Result>>[1], options?: Parameters<typeof commit<Result>>[2]) =>
    commit({ ...services, whenDown }, run, options);
}

/** A cache as the platform creates it. */
const invalidatorOf = ({ redis, system }: Tools): Invalidator => createInvalidator(redis, system);

/** The few methods of Prisma that the actors call. */
function databaseOf(client: object): Database {
  return {
    client: async () => client as PrismaClient,
    meter: { queries: 0, ms: 0 },
    close: async () => undefined,
  };
}

function withWrite(value: string, name: string): string {
  const writes = new Set([...(value.match(/W\d/g) ?? []), name]);
  return `<${[...writes].sort().join('')}>`;
}

const silence = () => undefined;
const log: Log = { debug: silence, info: silence, warn: silence, error: silence, with: () => log };
