/** The ledger: double entry that the database enforces, repeats that change nothing, and balances that are never old. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ensureAccount } from '../../../src/care/accounts/open.ts';
import { post } from '../../../src/care/accounts/post.ts';
import { accountById } from '../../../src/care/accounts/queries.ts';
import type { Account, Entry, Posted, TrialBalance } from '../../../src/care/accounts/schema.ts';
import { roles } from '../../../src/identity/index.ts';
import { cloudRedis } from '../../support/admin-redis.ts';
import { sql } from '../../support/tenant.ts';
import { type Clinic, openClinic } from './world.ts';

let clinic: Clinic;
let account: string;
beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.close());
beforeEach(async () => {
  for (const role of roles) await clinic.signInAgain(role, role);
  account = await open();
  await clinic.entries();
});

const open = async () => (await clinic.must('biller', 'POST', `/care/patients/${await clinic.patient()}/accounts`)).id;
const add = (json: object, key: string = randomUUID(), id = account) =>
  clinic.send<Posted>('biller', 'POST', `/care/accounts/${id}/entries`, json, { 'idempotency-key': key });
const reverse = (id: string, key: string = randomUUID()) =>
  clinic.send<Posted>('biller', 'POST', `/care/ledger/${id}/reverse`, {}, { 'idempotency-key': key });
const read = (id = account, name = 'reception') => clinic.must<Account>(name, 'GET', `/care/accounts/${id}`);
const entries = async (search = '') =>
  clinic.must<{ items: Entry[]; nextCursor: string | null }>(
    ...(['biller', 'GET', `/care/accounts/${account}/entries${search}`] as const),
  );

describe('an entry', () => {
  test('changes the account and its other side', async () => {
    await add({ kind: 'charge', amount: '120.50', memo: 'Visit' });
    await add({ kind: 'payment', amount: '20' });
    await add({ kind: 'adjustment', amount: '-0.50' });
    await add({ kind: 'claim', amount: '75', insurer: 'North' });
    expect(await read()).toMatchObject({ balance: '25.00', version: 4, currency: 'EUR' });
    expect((await entries()).items.map(({ kind, amount, balance, memo }) => [kind, amount, balance, memo])).toEqual([
      ['claim', '-75.00', '25.00', null],
      ['adjustment', '-0.50', '100.00', null],
      ['payment', '-20.00', '100.50', null],
      ['charge', '120.50', '120.50', 'Visit'],
    ]);
    const { totals } = await clinic.must<TrialBalance>('biller', 'GET', '/care/ledger');
    expect(totals).toEqual([{ currency: 'EUR', total: '0.00' }]);
  });

  test('of an insurer is a payment only', async () => {
    const claim = await add({ kind: 'claim', amount: '10', insurer: 'South' });
    const insurer = claim.body.accounts.find(({ id }) => id !== account)?.id ?? '';
    expect((await add({ kind: 'payment', amount: '4' }, randomUUID(), insurer)).code).toBe('ok');
    expect(await read(insurer, 'biller')).toMatchObject({ insurer: 'South', balance: '6.00' });
    expect((await add({ kind: 'charge', amount: '4' }, randomUUID(), insurer)).code).toBe('NOT_POSTABLE');
    // Reception sees the balances of patients, and no others.
    expect((await clinic.send('reception', 'GET', `/care/accounts/${insurer}`)).code).toBe('NOT_ALLOWED');
  });

  test.each([
    [{ kind: 'charge', amount: '-1' }, 'amount'],
    [{ kind: 'charge', amount: '0.00' }, 'amount'],
    [{ kind: 'charge', amount: '1.001' }, 'amount'],
    [{ kind: 'claim', amount: '1' }, 'insurer'],
    [{ kind: 'charge', amount: '1', insurer: 'North' }, 'insurer'],
  ])('%j is refused, and %s named', async (json, field) => {
    const { status, body } = await add(json);
    expect(body).toMatchObject({ status: 400, errors: [{ field }] });
    expect(status).toBe(400);
    expect(await read()).toMatchObject({ version: 0 });
  });

  test('needs an Idempotency-Key', async () => {
    const json = { kind: 'charge', amount: '1' };
    const answer = await clinic.send('biller', 'POST', `/care/accounts/${account}/entries`, json);
    expect(answer.body).toMatchObject({ status: 400, errors: [{ field: 'idempotency-key' }] });
  });

  test('is in pages, the newest first', async () => {
    for (const amount of ['1', '2', '3']) await add({ kind: 'charge', amount });
    const first = await entries('?limit=2');
    const second = await entries(`?limit=2&cursor=${first.nextCursor}`);
    expect([first, second].map(({ items }) => items.map(({ version }) => version))).toEqual([[3, 2], [1]]);
    expect(second.nextCursor).toBeNull();
  });

  test('keeps its memo sealed', async () => {
    await add({ kind: 'charge', amount: '1', memo: 'Marked memo' });
    const rows = await sql(
      clinic.database,
      'SELECT to_jsonb(t) AS row FROM ledger_transactions t WHERE tenant_id = $1',
      [clinic.tenant.id],
    );
    expect(JSON.stringify(rows)).not.toContain('Marked');
  });
});

describe('a key', () => {
  const json = { kind: 'charge', amount: '5' };
  /** Forgets the answers that the platform keeps for a day, and leaves the keys of the ledger. */
  async function forgetAnswers() {
    const redis = cloudRedis();
    const keys = await redis.keys(`hf:${clinic.tenant.id}:on:*`);
    if (keys.length > 0) await redis.del(...keys);
    await sql(clinic.database, 'DELETE FROM idempotent_commits WHERE tenant_id = $1', [clinic.tenant.id]);
  }

  test.each(['with', 'without'])('posts once, %s the answers that are kept for a day', async (kept) => {
    const key = randomUUID();
    const first = await add(json, key);
    if (kept === 'without') await forgetAnswers();
    const second = await add(json, key);
    expect(second.body).toEqual(first.body);
    expect(await read()).toMatchObject({ balance: '5.00', version: 1 });
  });

  test.each(['with', 'without'])('refuses another request, %s the answers that are kept for a day', async (kept) => {
    const key = randomUUID();
    await add(json, key);
    if (kept === 'without') await forgetAnswers();
    const { status, code } = await add({ ...json, amount: '6' }, key);
    expect([status, code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect(await read()).toMatchObject({ balance: '5.00', version: 1 });
  });
});

describe('a reversal', () => {
  test('posts the opposite, once', async () => {
    const { body } = await add({ kind: 'charge', amount: '9.99' });
    const [one, other] = await Promise.all([reverse(body.id), reverse(body.id)]);
    expect([one.code, other.code].toSorted()).toEqual(['ALREADY_REVERSED', 'ok']);
    expect(await read()).toMatchObject({ balance: '0.00', version: 2 });
    expect((await entries()).items[0]).toMatchObject({ kind: 'reversal', reversesId: body.id, amount: '-9.99' });
  });

  test('is not reversed', async () => {
    const { body } = await add({ kind: 'charge', amount: '1' });
    const { body: reversal } = await reverse(body.id);
    expect((await reverse(reversal.id)).code).toBe('NOT_REVERSIBLE');
  });
});

describe('the database', () => {
  test.each([
    'UPDATE postings SET amount = amount + 1 WHERE tenant_id = $1',
    'DELETE FROM postings WHERE tenant_id = $1',
    `UPDATE ledger_transactions SET kind = 'payment' WHERE tenant_id = $1`,
    'DELETE FROM ledger_transactions WHERE tenant_id = $1',
  ])('refuses %s', async (statement) => {
    await add({ kind: 'charge', amount: '1' });
    await expect(sql(clinic.database, statement, [clinic.tenant.id])).rejects.toThrow('append-only');
  });

  test.each(['postings', 'ledger_transactions CASCADE'])('refuses TRUNCATE %s', async (table) => {
    await expect(sql(clinic.database, `TRUNCATE ${table}`)).rejects.toThrow('append-only');
  });

  test('refuses a posting that is added to a transaction', async () => {
    const { body } = await add({ kind: 'charge', amount: '1' });
    const statement = `INSERT INTO postings (tenant_id, account_id, version, transaction_id, amount, balance)
      VALUES ($1, $2, 9, $3, 1, 1)`;
    const values = [clinic.tenant.id, await open(), body.id];
    await expect(sql(clinic.database, statement, values)).rejects.toThrow('is not balanced');
  });

  test.each([
    ['legs that do not add up', ['1', '-2']],
    ['one leg', ['1']],
  ])('refuses %s', async (_name, amounts) => {
    const accounts = [account, await open()];
    const legs = amounts.map((amount, index) => ({ accountId: accounts[index] ?? '', amount }));
    const scope = clinic.platform.scope();
    const written = scope
      .tenant(clinic.tenant.id)
      .commit((tx) => post(tx, { kind: 'charge', key: randomUUID(), request: ['x'], legs }));
    await expect(written).rejects.toThrow();
    await scope.end();
    expect(await read()).toMatchObject({ balance: '0.00', version: 0 });
  });
});

test('a cached balance costs no statement; the second request to Redis is its audit entry with the patient', async () => {
  await read();
  const hit = await clinic.send('reception', 'GET', `/care/accounts/${account}`);
  expect(hit.headers.get('x-cache')).toBe('HIT');
  expect(hit.cost).toEqual({ redis: '2 requests, 5 commands', db: '0 queries' });
});

/** Numbers from 0 to below 1 that are the same in each run (mulberry32). */
function numbers(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

class Crash extends Error {}

/** 10,000 on a real PostgreSQL; the embedded one, which has one connection, takes the first of them. */
const POSTINGS = process.env['DATABASE_URL'] ? 10_000 : 1_500;

test('after thousands of random postings of 20 writers with crashes and retries, nothing is lost, doubled or old', async () => {
  const ACCOUNTS = 30;
  const random = numbers(17);
  const setUp = clinic.platform.scope();
  const ids = await setUp.tenant(clinic.tenant.id).commit(async (tx) => {
    const made: string[] = [];
    for (let index = 0; index < ACCOUNTS; index++) {
      const code = `insurer:random ${index}`;
      made.push((await ensureAccount(tx, { kind: 'insurer', code, currency: 'EUR' })).row.id);
    }
    return made;
  });
  await setUp.end();

  const acknowledged = new Map<string, Posted>();
  const newest = new Map<string, number>();
  let planned = 0;
  let crashes = 0;

  /** Makes legs of different accounts that add up to zero, in hundredths. */
  function plan() {
    const picked = ids.toSorted(() => random(3) - 1).slice(0, 2 + random(19));
    planned += picked.length;
    let sum = 0;
    const units = picked.slice(1).map(() => 1 + random(10_000));
    for (const unit of units) sum += unit;
    const text = (unit: number) => (unit / 100).toFixed(2);
    return picked.map((accountId, index) => ({
      accountId,
      amount: text(index === 0 ? -sum : (units[index - 1] ?? 0)),
    }));
  }

  /** Posts until an answer arrives. A crash is before the COMMIT, or after it and before the answer. */
  async function postOnce(key: string, legs: ReturnType<typeof plan>) {
    for (;;) {
      const fault = random(10);
      const scope = clinic.platform.scope();
      try {
        const posted = await scope.tenant(clinic.tenant.id).commit(async (tx) => {
          const made = await post(tx, { kind: 'adjustment', key, request: [key], legs });
          if (fault === 0) throw new Crash();
          return made;
        });
        if (fault === 1) throw new Crash();
        return posted;
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        crashes += 1;
      } finally {
        await scope.end();
      }
    }
  }

  async function writer(name: number) {
    for (let count = 0; planned < POSTINGS; count++) {
      const key = `writer ${name} ${count}`;
      const legs = plan();
      const posted = await postOnce(key, legs);
      acknowledged.set(key, posted);
      for (const { id, version } of posted.accounts) newest.set(id, Math.max(version, newest.get(id) ?? 0));
      if (random(20) === 0) {
        const { id } = posted.accounts[random(posted.accounts.length)] ?? { id: '' };
        const atLeast = newest.get(id) ?? 0;
        const reader = clinic.platform.scope();
        const shown = await reader.tenant(clinic.tenant.id).cache.read(accountById, { id });
        await reader.end();
        expect(shown?.version).toBeGreaterThanOrEqual(atLeast);
      }
      if (random(10) === 0) expect(await postOnce(key, legs)).toEqual(posted);
    }
  }
  await Promise.all(Array.from({ length: 20 }, (_, name) => writer(name)));

  const rows = await sql<{ id: string; balance: string; version: number; sum: string; count: number; last: string }>(
    clinic.database,
    `SELECT a.id, a.balance::text, a.version, coalesce(sum(p.amount), 0)::text AS sum, count(p.version)::int AS count,
       coalesce((SELECT l.balance FROM postings l WHERE l.tenant_id = a.tenant_id AND l.account_id = a.id
         AND l.version = a.version), 0)::text AS last
     FROM accounts a LEFT JOIN postings p ON p.tenant_id = a.tenant_id AND p.account_id = a.id
     WHERE a.tenant_id = $1 AND a.id = ANY($2::text[]) GROUP BY a.tenant_id, a.id, a.balance, a.version`,
    [clinic.tenant.id, `{${ids.join(',')}}`],
  );
  expect(rows).toHaveLength(ACCOUNTS);
  for (const { id, balance, version, sum, count, last } of rows) {
    expect([balance, version, last], id).toEqual([sum, count, Number(sum) === 0 ? last : sum]);
    expect(version).toBe(newest.get(id));
  }
  const posted = [...acknowledged.values()].reduce((sum, { accounts }) => sum + accounts.length, 0);
  expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(posted);
  expect(posted).toBeGreaterThanOrEqual(POSTINGS);
  expect(rows.reduce((sum, { balance }) => sum + Math.round(Number(balance) * 100), 0)).toBe(0);
  expect(crashes).toBeGreaterThan(POSTINGS / 200);
}, 240_000);
