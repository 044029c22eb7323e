/** A clinic: a tenant with a user of each role of the care area, its patients, and the entries of its audit trail. */
import { randomBytes } from 'node:crypto';
import { type Role, roles } from '../../../src/identity/index.ts';
import { drainReads } from '../../../src/platform/audit/index.ts';
import { costOf } from '../../support/app.ts';
import { addPerson } from '../../support/people.ts';
import { addKey, sql } from '../../support/tenant.ts';
import { createWorld } from '../auth/world.ts';

export type Clinic = Awaited<ReturnType<typeof openClinic>>;

/** An answer of the API. */
export interface Answer<Body = Record<string, unknown>> {
  status: number;
  /** `ok`, or the code of the problem. */
  code: string;
  body: Body;
  headers: Headers;
  cost: Record<string, string>;
}

/** An entry of the audit trail. */
export interface Entry {
  actorId: string | null;
  action: string;
  outcome: string;
  entityId: string | null;
  patientId: string | null;
  purpose: string | null;
  data: Record<string, unknown>;
}

/** A patient as callers send it. */
export const ADA = { number: 'A-1', name: 'Ada Marker', birth: '1951-12-10', address: '12 Quay', phone: '+49 1' };

export async function openClinic(environment: Record<string, string> = {}) {
  const world = await createWorld(environment);
  const { tenant, database } = world;
  const people = new Map<string, { id: string; bearer: string }>();

  /** Signs a user in as a program, with fresh proofs of identity and of a second factor. */
  async function signIn(id: string, role: Role, { scope } = world.platform): Promise<string> {
    const { tokens, sessions } = scope().tenant(tenant.id);
    const proof = { methods: ['pwd', 'totp'], provesFactor: true };
    const issued = await tokens.issue({ userId: id, role, ...proof }, await sessions.readEpochs(id));
    if (!('tokens' in issued)) throw new Error(`Not signed in: ${issued.kind}`);
    return issued.tokens.accessToken;
  }

  /** Adds a user, by whose name the functions below send requests. */
  async function hire(name: string, role: Role): Promise<string> {
    const { id } = await addPerson(database, tenant.id, { role, password: null });
    people.set(name, { id, bearer: await signIn(id, role) });
    return id;
  }
  for (const role of roles) await hire(role, role);
  people.set('key', { id: 'key', bearer: await addKey(database, tenant.id, { rights: ['care:*'] }) });

  const idOf = (name: string) => people.get(name)?.id ?? '';

  async function send<Body = Record<string, unknown>>(
    name: string,
    method: string,
    path: string,
    json?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const { bearer } = people.get(name) ?? { bearer: '' };
    const init = { method, key: bearer, headers, ...(json === undefined ? {} : { json }) };
    const response = await world.request(path, init);
    const text = await response.text();
    const body = (text === '' ? {} : JSON.parse(text)) as Body & { code?: string };
    const code = response.ok ? 'ok' : (body.code ?? String(response.status));
    return { status: response.status, code, body, headers: response.headers, cost: costOf(response) };
  }

  async function must<Body = { id: string }>(name: string, method: string, path: string, json?: object): Promise<Body> {
    const answer = await send<Body>(name, method, path, json);
    if (answer.status >= 300) throw new Error(`${method} ${path} by ${name}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  return {
    ...world,
    people,
    hire,
    idOf,
    send,
    must,
    /** Signs a user in again, now; with another platform, sealed with its keys. */
    async signInAgain(name: string, role: Role, platform = world.platform) {
      people.set(name, { id: idOf(name), bearer: await signIn(idOf(name), role, platform) });
    },
    /** Adds a patient with a number of its own. */
    async patient(more: object = {}): Promise<string> {
      const number = `N-${randomBytes(6).toString('hex')}`;
      return (await must('reception', 'POST', '/care/patients', { ...ADA, number, ...more })).id;
    },
    /** Books a visit, `days` from now, as the appointments of the care area do. */
    async visit(patientId: string, clinician: string, days = 0): Promise<string> {
      const id = `appointment_${randomBytes(8).toString('hex')}`;
      const startsAt = new Date(Date.now() + world.clock.ahead + days * 86_400_000);
      await sql(
        database,
        `INSERT INTO appointments (tenant_id, id, patient_id, clinician_id, department, starts_at, ends_at, updated_at)
         VALUES ($1, $2, $3, $4, 'General practice', $5, $5, now())`,
        [tenant.id, id, patientId, idOf(clinician), startsAt.toISOString().slice(0, -1)],
      );
      return id;
    },
    /** The entries of the audit trail since the last call, the oldest first. The log of reads is taken in before. */
    entries: entriesOf(world),
  };
}

function entriesOf({ database, tenant: { id: tenant }, platform }: Awaited<ReturnType<typeof createWorld>>) {
  const seen = new Set<string>();
  return async function entries(): Promise<Entry[]> {
    const scope = platform.scope();
    await drainReads(scope, tenant);
    await scope.end();
    const rows = await sql<Entry & { id: string }>(
      database,
      `SELECT id, actor_id AS "actorId", action, outcome, entity_id AS "entityId", patient_id AS "patientId", purpose, data
       FROM audit_entries WHERE tenant_id = $1 ORDER BY id`,
      [tenant],
    );
    const added = rows.filter(({ id }) => !seen.has(id));
    for (const { id } of added) seen.add(id);
    return added.map(({ id: _id, ...row }) => row);
  };
}
