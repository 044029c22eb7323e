/**
 * The table of rights in docs/security.md matches the app's answers: every operation of the OpenAPI document that needs
 * credentials, for every role and for API keys with one right each. The table is written by hand; a new operation must
 * be added to it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Role, roles } from '../../../src/identity/index.ts';
import { rights } from '../../../src/platform/http/index.ts';
import { createTestApp } from '../../support/app.ts';
import { addPerson } from '../../support/people.ts';
import { addKey, createTenant, type OwnTenant } from '../../support/tenant.ts';
import { describedOperations, type Operation } from '../http/described-api.ts';

// Each test makes a request for each role and each right, and the machine may be slow.

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../../docs/security.md'), 'utf8');
const COLUMNS = `operations | ${roles.join(' | ')} | an API key with only`;

/** The allowed callers of an operation: roles, and the single rights that suffice for a key. */
interface Allowed {
  roles: string[];
  rights: string[];
}

/** The table: by operation, such as `GET /deals`. */
function documented(): Map<string, Allowed> {
  const [, below = ''] = DOCUMENT.split(`| ${COLUMNS} |`);
  const rows = below.split('\n\n')[0]?.split('\n').slice(2) ?? [];
  return new Map(
    rows.flatMap((row) => {
      const [, operations = '', ...cells] = row.split('|').map((cell) => cell.trim());
      const keys = cells[roles.length] ?? '';
      const allowed = {
        roles: roles.filter((_role, index) => cells[index] === 'yes'),
        rights: keys === 'any' ? rights() : [...keys.matchAll(/`([^`]+)`/g)].map(([, right = '']) => right),
      };
      return [...operations.matchAll(/`([A-Z]+ [^`]+)`/g)].map(([, name = '']): [string, Allowed] => [name, allowed]);
    }),
  );
}

let tenant: OwnTenant;
let app: ReturnType<typeof createTestApp>;
let operations: Operation[];
let people: Map<Role, string>;
let keys: Map<string, string>;
beforeAll(async () => {
  const { url } = inject('cloud').postgres;
  tenant = await createTenant(url);
  // The operating tenant, so that every refusal is due to rights.
  app = createTestApp({ environment: { OPERATOR_TENANT: tenant.id } });
  operations = (await describedOperations(app)).filter(({ guarded }) => guarded);
  people = new Map();
  for (const role of roles) people.set(role, (await addPerson(url, tenant.id, { role, password: null })).id);
  keys = new Map();
  for (const right of rights()) keys.set(right, await addKey(url, tenant.id, { rights: [right] }));
});
afterAll(() => app.close());

/** Ids of the right form that do not exist. */
const NO_ROW = 'none00000000';
/** The care area answers other texts with 404 before it looks who asks. */
const NO_ROW_OF_CARE = 'none_00000000';
const NO_SESSION = 'none000000000000000000';

/** Valid bodies for handlers that check whether the caller is a user. They change a name, or nothing. */
const FITTING: Record<string, object> = {
  'PATCH /me': { name: 'Some Person' },
  'POST /auth/password': { password: 'x' },
  'POST /auth/sign-out': {},
  'POST /auth/passkeys/options': {},
  'POST /auth/totp': {},
  'POST /auth/factor/again': { code: '123456' },
  'POST /auth/recovery-codes': { code: '123456' },
  'POST /auth/totp/confirm': { code: '123456' },
  'POST /auth/totp/remove': { code: '123456' },
  'POST /auth/passkeys': {
    name: 'x',
    credential: {
      ...{ id: 'x', rawId: 'x', type: 'public-key' },
      response: { clientDataJSON: 'x', attestationObject: 'x' },
    },
  },
  'POST /care/patients/{id}/records': { kind: 'note', text: 'x' },
  'POST /care/patients/{id}/records/{recordId}/amend': { version: 1, text: 'x' },
  'POST /care/patients/{id}/exports': {},
  'POST /care/break-glass/{id}/confirm': {},
  'POST /care/patients/{id}/break-glass': { reason: 'unconscious', purpose: 'ETREAT' },
  'POST /care/break-glass/{id}/review': { verdict: 'justified' },
};

/** Whether a caller passes the check of rights. The requested rows do not exist, and the bodies are invalid. */
async function isAllowed({ method, path, name }: Operation, bearer: string): Promise<boolean> {
  const response = await app.request(path.replace(/\{\w+\}/g, idFor(path)), {
    method,
    key: bearer,
    ...(method === 'GET' || method === 'DELETE' ? {} : { json: FITTING[name] ?? { 'no such field': true } }),
  });
  const text = await response.text();
  expect(response.status, `${name}: ${text}`).not.toBe(401);
  expect(response.status, `${name}: ${text}`).toBeLessThan(500);
  if (response.status !== 403) return true;
  const { code } = JSON.parse(text) as { code: string };
  // A token belongs to a user too; only the way of signing in differs.
  if (code === 'NEEDS_SESSION') return true;
  expect(['NOT_ALLOWED', 'NOT_A_PERSON'], name).toContain(code);
  return false;
}

function idFor(path: string): string {
  if (path.startsWith('/care/')) return NO_ROW_OF_CARE;
  return path.startsWith('/auth/sessions') ? NO_SESSION : NO_ROW;
}

/** The app's answers for an operation. Each user gets a new token, because an operation may have ended the last one. */
async function measured(operation: Operation): Promise<Allowed> {
  const { tokens, sessions } = app.platform.scope().tenant(tenant.id);
  const found: Allowed = { roles: [], rights: [] };
  for (const [role, userId] of people) {
    const epochs = await sessions.readEpochs(userId);
    const proof = { methods: ['pwd', 'totp'], provesFactor: true };
    const issued = await tokens.issue({ userId, role, ...proof }, epochs);
    if (!('tokens' in issued)) throw new Error(`Not signed in: ${issued.kind}`);
    if (await isAllowed(operation, issued.tokens.accessToken)) found.roles.push(role);
  }
  for (const [right, key] of keys) if (await isAllowed(operation, key)) found.rights.push(right);
  return found;
}

describe('2/11 the table of rights', () => {
  test('has exactly the operations that need credentials', () => {
    expect([...documented().keys()].sort()).toEqual(operations.map(({ name }) => name).sort());
  });

  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('matches the answers for every %s', async (method) => {
    const table = documented();
    const asked = operations.filter((operation) => operation.method === method);
    expect(asked.length).toBeGreaterThan(0);
    const found: [string, Allowed][] = [];
    for (const operation of asked) found.push([operation.name, await measured(operation)]);
    expect(found).toEqual(asked.map(({ name }) => [name, table.get(name)]));
  });
});
