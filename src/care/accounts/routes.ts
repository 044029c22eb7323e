/** `/care/accounts` and `/care/ledger` */
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type AppEnv,
  allows,
  createRouter,
  invalidField,
  noteRead,
  noteSchema,
  ProblemError,
} from '../../platform/http/index.ts';
import { command, oneSchema, view } from '../../platform/rest/index.ts';
import { noteWrite, ofPatient, requireRowId, rowIn } from '../audited.ts';
import { openAccount } from './open.ts';
import { accountById, accountsOfPatient, entryPage, trialBalance } from './queries.ts';
import {
  accountSchema,
  accountsSchema,
  entryPageQuerySchema,
  entryPageSchema,
  newEntrySchema,
  postedSchema,
  trialBalanceSchema,
} from './schema.ts';
import { addEntry, reverse } from './writes.ts';

export const accountRoutes = createRouter();

const tag = 'Accounts';
const path = '/care/accounts/{id}';
const DESCRIPTION =
  'Needs `Idempotency-Key`. The key names this request for ever: a repeat changes nothing, and another request with the ' +
  'key is refused (422 `IDEMPOTENCY_KEY_REUSED`).';

view(accountRoutes, {
  id: 'careAccounts.list',
  path: '/care/patients/{id}/accounts',
  tag,
  summary: 'List the accounts of a patient',
  cost: { hit: { requests: 2, commands: 5 }, miss: { requests: 6, commands: 9, statements: 3 } },
  access: 'care:billing:read',
  params: oneSchema,
  answer: accountsSchema,
  missing: 'patient',
  audited: ofPatient('accounts.listed'),
  prefetch: (cache, _day, c) => cache.prefetch(accountsOfPatient, { patientId: c.req.param('id') ?? '' }),
  async load({ id }, { tenant }) {
    requireRowId('patient', id);
    const ids = await tenant.cache.read(accountsOfPatient, { patientId: id });
    if (ids === null) return null;
    const accounts = await tenant.cache.readMany(
      accountById,
      ids.map((accountId) => ({ id: accountId })),
    );
    return { items: accounts.filter((account) => account !== null) };
  },
});

command(accountRoutes, {
  id: 'careAccounts.create',
  path: '/care/patients/{id}/accounts',
  tag,
  summary: 'Create the account of a patient',
  cost: { requests: 3, commands: 6, statements: 7 },
  description: 'Answers with the account that the patient has already in the currency of the tenant, if there is one.',
  access: 'care:billing:write',
  params: oneSchema,
  answer: accountSchema,
  location: ({ id }) => `/care/accounts/${id}`,
  effect: 'The account',
  problems: [404],
  run({ params: { id } }, { tenant }, c) {
    noteWrite(c, { action: 'account.opened', entity: { type: 'patient', id }, patientId: id });
    return openAccount(tenant, id);
  },
});

view(accountRoutes, {
  id: 'careAccounts.get',
  path,
  tag,
  summary: 'Get an account and its balance',
  description: 'An account of no patient needs the right `care:billing:entries`.',
  cost: 'cached',
  access: 'care:billing:read',
  params: oneSchema,
  answer: accountSchema,
  missing: 'account',
  audited: { action: 'account.read', entity: 'account', idOf: rowIn, late: true },
  prefetch: (cache, _day, c) => cache.prefetch(accountById, { id: c.req.param('id') ?? '' }),
  async load({ id }, { tenant, caller }, _day, c) {
    requireRowId('account', id);
    const account = await tenant.cache.read(accountById, { id });
    if (account?.patientId === null && !allows(caller.rights, 'care:billing:entries')) {
      throw new ProblemError(403, 'NOT_ALLOWED', 'Accounts of no patient need the right care:billing:entries');
    }
    if (account?.patientId) noteRead(c, { patientId: account.patientId });
    return account;
  },
});

view(accountRoutes, {
  id: 'ledgerEntries.list',
  path: `${path}/entries`,
  tag,
  summary: 'List the entries of an account, newest first',
  cost: { miss: { statements: 3 } },
  access: 'care:billing:entries',
  params: oneSchema,
  search: entryPageQuerySchema,
  answer: entryPageSchema,
  missing: 'account',
  audited: { action: 'entries.listed', entity: 'account', idOf: rowIn, late: true },
  prefetch(cache, _day, c) {
    const search = entryPageQuerySchema.safeParse(c.req.query());
    if (search.success) cache.prefetch(entryPage, { id: c.req.param('id') ?? '', ...search.data });
  },
  async load({ id, limit, cursor }, { tenant }, _day, c) {
    requireRowId('account', id);
    const found = await tenant.cache.read(entryPage, { id, limit, cursor });
    if (found?.patientId) noteRead(c, { patientId: found.patientId });
    return found?.page ?? null;
  },
});

command(accountRoutes, {
  id: 'ledgerEntries.create',
  path: `${path}/entries`,
  tag,
  summary: 'Add an entry to an account',
  cost: { requests: 5, commands: 8, statements: 14 },
  description: DESCRIPTION,
  access: 'care:billing:write',
  params: oneSchema,
  body: newEntrySchema,
  answer: postedSchema,
  effect: 'The transaction',
  problems: [404],
  run({ params: { id }, body }, { tenant }, c) {
    noteWrite(c, { action: 'ledger.posted', entity: { type: 'account', id } });
    return addEntry(tenant, id, body, keyOf(c));
  },
});

command(accountRoutes, {
  id: 'ledger.reverse',
  path: '/care/ledger/{id}/reverse',
  tag,
  summary: 'Reverse a transaction of the ledger',
  cost: { requests: 5, commands: 8, statements: 14 },
  description: `Adds the opposite entries; at most once. ${DESCRIPTION}`,
  access: 'care:billing:write',
  params: oneSchema,
  body: z.strictObject({ memo: noteSchema(500).optional() }).openapi('LedgerReversal'),
  answer: postedSchema,
  effect: 'The reversing transaction',
  problems: [404],
  run({ params: { id }, body: { memo } }, { tenant }, c) {
    noteWrite(c, { action: 'ledger.posted', entity: { type: 'ledger', id } });
    return reverse(tenant, id, keyOf(c), memo);
  },
});

view(accountRoutes, {
  id: 'ledger.get',
  path: '/care/ledger',
  tag,
  summary: 'Get the trial balance',
  cost: { commands: 3 },
  access: 'care:billing:entries',
  answer: trialBalanceSchema,
  audited: { action: 'ledger.read', entity: 'ledger' },
  load: (_input, { tenant }) => trialBalance(tenant),
});

/** Returns the name of the request, which entries of the ledger need. */
function keyOf(c: Context<AppEnv>): string {
  const key = c.req.header('idempotency-key');
  if (key === undefined) throw invalidField('idempotency-key', 'is required');
  return key;
}
