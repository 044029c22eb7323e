/**
 * Numbers equal a recount of the rows, after and within transactions of random statements: in one connection with
 * savepoints, on the embedded database, and in four interleaved connections, on an installed PostgreSQL.
 */
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crmNumbers, projectNumbers } from '../../../src/crm/numbers.ts';
import { recount } from '../../../src/platform/numbers/index.ts';
import { pgStore } from '../../../src/platform/sql/index.ts';
import { FORGET_TENANTS } from '../../support/forget-tenants.ts';
import { openMigratedDatabase, type TestDatabase } from '../db/database.ts';
import { connectTo, FOLD_NEXT, openInstalled } from './databases.ts';
import { BEGINNING, cascades, forTenant, type Operation, operationsOf, TENANTS } from './operations.ts';
import { differences } from './truth.ts';

const tenant = fc.constantFrom(...TENANTS);

/** Removes every row of the application. */
async function startOver(client: pg.Client): Promise<void> {
  await client.query(FORGET_TENANTS);
  await client.query(BEGINNING);
}

async function expectExact(client: pg.Client): Promise<void> {
  for (const id of TENANTS) expect(await differences(client, id)).toEqual([]);
}

describe('one connection', () => {
  let database: TestDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    database = await openMigratedDatabase();
    client = await connectTo(database);
  });
  afterAll(async () => {
    await client.end();
    await database.close();
  });

  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('write' as const), tenant, operations: operationsOf('a') }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('savepoint' as const),
        tenant,
        operations: operationsOf('a'),
        keep: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('fold' as const), tenant }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('fold next' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('cascade' as const), tenant, text: fc.constantFrom(...cascades) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('truncate' as const),
        table: fc.constantFrom('tasks', 'deals, deal_values, tasks'),
      }),
    },
  );
  const transactions = fc.array(
    fc.record({ steps: fc.array(step, { minLength: 1, maxLength: 8 }), commit: fc.boolean() }),
    {
      minLength: 1,
      maxLength: 4,
    },
  );

  async function write(operations: readonly Operation[], id: string): Promise<void> {
    for (const operation of operations) await client.query(...forTenant(operation, id));
  }

  test('equals a recount after every statement group, savepoint, fold, cascade, truncation, commit and rollback', async () => {
    await fc.assert(
      fc.asyncProperty(transactions, async (all) => {
        // A run that failed has left its transaction open.
        await client.query('ROLLBACK');
        await startOver(client);
        for (const { steps, commit } of all) {
          await client.query('BEGIN');
          for (const each of steps) {
            if (each.kind === 'write') await write(each.operations, each.tenant);
            else if (each.kind === 'savepoint') {
              await client.query('SAVEPOINT here');
              await write(each.operations, each.tenant);
              await client.query(each.keep ? 'RELEASE SAVEPOINT here' : 'ROLLBACK TO SAVEPOINT here');
            } else if (each.kind === 'fold') await client.query('SELECT numbers_fold($1)', [each.tenant]);
            else if (each.kind === 'fold next') await client.query(FOLD_NEXT);
            else if (each.kind === 'cascade') {
              await client.query(each.text, [each.tenant]);
              await client.query(BEGINNING);
            } else await client.query(`TRUNCATE ${each.table}`);
            await expectExact(client);
          }
          await client.query(commit ? 'COMMIT' : 'ROLLBACK');
          await expectExact(client);
        }
      }),
      { numRuns: 40 },
    );
  });
});

const installed = await openInstalled();

describe.skipIf(installed === null)('four connections of an installed PostgreSQL', () => {
  const WRITERS = ['a', 'b', 'c', 'd'];
  const clients: pg.Client[] = [];
  let checker: pg.Client;
  const database = installed as TestDatabase;
  beforeAll(async () => {
    // No writer waits for another one's numbers: a wait would fail.
    for (const _each of WRITERS) clients.push(await connectTo(database, '2s'));
    checker = await connectTo(database, '50ms');
  });
  afterAll(async () => {
    await Promise.all([...clients, checker].map((client) => client.end()));
    await database.close();
  });

  const turn = fc.oneof(
    ...WRITERS.map((name, writer) =>
      fc.record({
        kind: fc.constant('write' as const),
        writer: fc.constant(writer),
        tenant,
        operations: operationsOf(name),
      }),
    ),
    ...(['commit', 'rollback', 'fold', 'fold next'] as const).map((kind) =>
      fc.record({ kind: fc.constant(kind), writer: fc.nat(WRITERS.length - 1), tenant }),
    ),
    fc.record({ kind: fc.constant('recount' as const), tenant, source: fc.constantFrom(...crmNumbers) }),
    fc.record({ kind: fc.constant('forget' as const), tenant, source: fc.constantFrom(...crmNumbers) }),
  );

  /** The numbers of projects, which every world begins with, are forgotten and then backfilled. */
  const FORGOTTEN = [
    { kind: 'forget' as const, tenant: TENANTS[0], source: projectNumbers },
    { kind: 'recount' as const, tenant: TENANTS[0], source: projectNumbers },
  ];

  /** Recounts, unless an open transaction has the lock of the tenant's numbers. */
  const tryRecount = async (id: string, source: (typeof crmNumbers)[number]) => {
    const store = pgStore(checkerPool());
    try {
      return await recount(store, id, source, 0);
    } catch (error) {
      if ((error as { code?: string }).code === '55P03') return undefined;
      throw error;
    }
  };
  /** A pool of the one connection, which has a time limit for locks. */
  const checkerPool = () => ({
    query: checker.query.bind(checker),
    connect: async () => Object.assign(checker, { release: () => {} }),
  });

  test('equal a recount under every interleaving of writers, rollbacks, folds, backfills and recounts', async () => {
    let backfilled = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { minLength: 5, maxLength: 40 }), async (turns) => {
        // A run that failed has left its transactions open.
        for (const client of clients) await client.query('ROLLBACK');
        await startOver(clients[0] ?? expect.fail('there is no writer'));
        const isOpen = clients.map(() => false);
        const incomplete = new Set<string>();
        const nameOf = (each: { tenant: string; source: { table: string } }) => `${each.tenant} ${each.source.table}`;
        for (const each of turns) {
          if (each.kind === 'forget') {
            // As if the tenant were older than the triggers of this table. The rows of open transactions count later.
            if (isOpen.some(Boolean)) continue;
            const { table } = each.source;
            const range = [each.tenant, `${table}.`, `${table}/`];
            await checker.query('DELETE FROM numbers WHERE tenant_id = $1 AND key >= $2 AND key < $3', range);
            await checker.query(
              'DELETE FROM number_changes WHERE tenant_id = $1 AND keys[1] >= $2 AND keys[1] < $3',
              range,
            );
            await checker.query('DELETE FROM number_states WHERE tenant_id = $1 AND source = $2', [each.tenant, table]);
            incomplete.add(nameOf(each));
          } else if (each.kind === 'recount') {
            const result = await tryRecount(each.tenant, each.source);
            if (!result) continue;
            const isBackfill = incomplete.delete(nameOf(each));
            expect(result.wasComplete).toBe(!isBackfill);
            if (isBackfill) backfilled += result.mended.length;
            else expect(result.mended).toEqual([]);
          } else {
            const client = clients[each.writer] ?? expect.fail('there is no such writer');
            if (!isOpen[each.writer]) await client.query('BEGIN');
            isOpen[each.writer] = each.kind !== 'commit' && each.kind !== 'rollback';
            if (each.kind === 'write') {
              for (const operation of each.operations) await client.query(...forTenant(operation, each.tenant));
            } else if (each.kind === 'fold') await client.query('SELECT numbers_fold($1)', [each.tenant]);
            else if (each.kind === 'fold next') await client.query(FOLD_NEXT);
            else await client.query(each.kind.toUpperCase());
          }
        }
        for (const [writer, client] of clients.entries()) if (isOpen[writer]) await client.query('COMMIT');
        for (const id of TENANTS) {
          for (const source of crmNumbers) {
            if (!incomplete.has(nameOf({ tenant: id, source }))) continue;
            backfilled += (await tryRecount(id, source))?.mended.length ?? 0;
          }
        }
        await expectExact(checker);
      }),
      // The example backfills numbers in any case: random turns may leave none to backfill.
      { numRuns: 60, examples: [[FORGOTTEN]] },
    );
    expect(backfilled).toBeGreaterThan(0);
  });
});
