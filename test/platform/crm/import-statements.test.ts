/** The costs of an import's chunk in SQL statements, which do not depend on the number of its rows. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { applyRows } from '../../../src/crm/imports/apply.ts';
import { kinds } from '../../../src/crm/imports/kinds/index.ts';
import type { Row } from '../../../src/crm/imports/kinds/kind.ts';
import type { ImportKind } from '../../../src/crm/imports/read/plan.ts';
import { createTestApp } from '../../support/app.ts';
import { type FaultyPostgres, startFaultyPostgres } from '../../support/faulty-postgres.ts';
import { createTenant } from '../../support/tenant.ts';

let way: FaultyPostgres;
let app: ReturnType<typeof createTestApp>;
beforeAll(async () => {
  way = await startFaultyPostgres(inject('cloud').postgres.url);
  app = createTestApp({ environment: { DATABASE_URL: way.url } });
});
afterAll(async () => {
  await app.close();
  await way.close();
});

/** Imports rows three times: as new ones, with changes, and again. Returns the statements of each time. */
async function statementsOf<Kind extends ImportKind>(
  kind: Kind,
  rowsWith: (more: object) => Row<Kind>[],
  change: object,
): Promise<number[]> {
  const { id: tenant } = await createTenant(inject('cloud').postgres.url);
  const scope = app.platform.scope();
  try {
    const counts: number[] = [];
    for (const more of [{}, change, change]) {
      way.statements.length = 0;
      await scope
        .tenant(tenant)
        .commit((tx) => applyRows(tx, kinds[kind], rowsWith(more), { createCompanies: true, actorId: null }));
      const ours = /contacts|companies|deals|users|currency|events|advisory/;
      counts.push(way.statements.filter((text) => ours.test(text)).length);
    }
    return counts;
  } finally {
    await scope.end();
  }
}

const numbered = (count: number) => Array.from({ length: count }, (_, n) => n);

test.each([1, 2, 500])('%i contacts cost 7 statements if they are new, 5 if they change, 3 if not', async (count) => {
  const rowsWith = (more: object) =>
    numbered(count).map((n) => ({
      ...{ row: n + 2, name: `Person ${n}`, phone: '1', company: `Company ${n % 7}`, ...more },
      ...(n % 2 ? { email: `person${n}@example.com` } : {}),
    }));
  expect(await statementsOf('contacts', rowsWith, { jobTitle: 'Clerk' })).toEqual([7, 5, 3]);
});

test.each([1, 2, 500])('%i companies cost 5 statements if they are new, 5 if they change, 3 if not', async (count) => {
  const rowsWith = (more: object) =>
    numbered(count).map((n) => ({
      ...{ row: n + 2, name: `Company ${n}`, owner: 'a stranger', ...more },
      ...(n % 2 ? { domain: `company${n}.example` } : {}),
    }));
  expect(await statementsOf('companies', rowsWith, { city: 'Rome' })).toEqual([5, 5, 3]);
});

test.each([1, 2, 500])(
  '%i deals cost 10 statements if they are new, 9 if they close, 6 if nothing changes',
  async (count) => {
    const rowsWith = (more: object) =>
      numbered(count).map((n) => ({
        ...{ row: n + 2, title: `Deal ${n}`, company: `Company ${n % 7}`, contact: 'a stranger', owner: 'a stranger' },
        ...more,
      }));
    // The second statement for events has those of deals with two of them.
    expect(await statementsOf('deals', rowsWith, { stage: 'won', value: '5' })).toEqual([10, 9, 6]);
  },
);
