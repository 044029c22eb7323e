/** The rotation of the sealing key: every text is read, and every patient found, before, during and after it. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { appVariables } from '../../../dev/cloud/app-environment.ts';
import { resealJob } from '../../../src/care/sealing/reseal.ts';
import { enqueue } from '../../../src/platform/jobs/index.ts';
import { createTestQueue } from '../../../src/platform/jobs/testing.ts';
import { APP_URL, createTestApp } from '../../support/app.ts';
import { refuseWrites } from '../../support/refuse-writes.ts';
import { sql } from '../../support/tenant.ts';
import { type Clinic, openClinic } from './world.ts';

const key = (letter: string) => Buffer.from(letter.repeat(32)).toString('base64');
const OLD = `old:${key('o')}`;
const BOTH = `new:${key('n')},${OLD}`;
const NEW = `new:${key('n')}`;
/** More than a slice has. */
const PATIENTS = 105;

let clinic: Clinic;
let texts: { id: string; patient: string; number: string; name: string }[];
beforeAll(async () => {
  clinic = await openClinic({ SEAL_KEYS: OLD });
  texts = [];
  for (let each = 0; each < PATIENTS; each += 1) {
    const [number, name] = [`R-${each}`, `Person N${each}`];
    const patient = await clinic.patient({ number, name });
    if (each % 35 > 0) continue;
    await clinic.must('reception', 'PUT', `/care/patients/${patient}/team/${clinic.idOf('clinician')}`, {});
    const { id } = await clinic.must('clinician', 'POST', `/care/patients/${patient}/records`, {
      kind: 'note',
      text: 'V1',
    });
    await clinic.must('clinician', 'POST', `/care/patients/${patient}/records/${id}/amend`, { version: 1, text: 'V2' });
    await clinic.must('clinician', 'POST', `/care/patients/${patient}/break-glass`, {
      ...{ reason: `Because of ${name}`, purpose: 'ETREAT' },
    });
    texts.push({ id, patient, number, name });
  }
});
afterAll(() => clinic.close());

/** Runs a check on a new instance with these keys; it gets the instance and a queue for its jobs. */
async function withKeys<Result>(SEAL_KEYS: string, use: (app: ReturnType<typeof instance>) => Promise<Result>) {
  const app = instance(SEAL_KEYS);
  await clinic.signInAgain('clinician', 'clinician', app.platform);
  await clinic.signInAgain('care_auditor', 'care_auditor', app.platform);
  try {
    return await use(app);
  } finally {
    await app.close();
  }
}

function instance(SEAL_KEYS: string) {
  const now = () => Date.now() + clinic.clock.ahead;
  const queue = createTestQueue({ environment: appVariables(inject('cloud'), APP_URL) as never, now });
  const app = createTestApp({
    environment: { SEAL_KEYS },
    outbound: queue.fetch,
    system: { now, redisAhead: () => clinic.clock.ahead },
  });
  const ask = async (name: string, method: string, path: string, json?: object) => {
    const bearer = clinic.people.get(name)?.bearer ?? '';
    const response = await app.request(path, { method, key: bearer, ...(json ? { json } : {}) });
    return { status: response.status, body: JSON.parse(await response.text()) as Record<string, unknown> };
  };
  return { ...app, ask, queue };
}

/** Reads every text through the API. */
async function expectReadable({ ask, platform }: ReturnType<typeof instance>) {
  // Cached values would hide the rows.
  clinic.clock.ahead += 2 * 60_000;
  await clinic.signInAgain('clinician', 'clinician', platform);
  await clinic.signInAgain('care_auditor', 'care_auditor', platform);
  for (const { id, patient, number, name } of texts) {
    const record = await ask('clinician', 'GET', `/care/patients/${patient}/records/${id}`);
    expect(record.body['versions']).toMatchObject([{ text: 'V2' }, { text: 'V1' }]);
    expect((await ask('clinician', 'GET', `/care/patients/${patient}`)).body).toMatchObject({ number, name });
    for (const search of [{ number }, { name: name.split(' ')[1], birthYear: 1951 }]) {
      const found = await ask('clinician', 'POST', '/care/patients/search', search);
      expect(found.body['items'], JSON.stringify(search)).toMatchObject([{ id: patient }]);
    }
  }
  const { body } = await ask('care_auditor', 'GET', '/care/break-glass');
  expect(body['items']).toMatchObject(texts.toReversed().map(({ name }) => ({ reason: `Because of ${name}` })));
}

const COLUMNS = {
  patients: ['sealed_number', 'sealed_name', 'sealed_birth', 'sealed_contact', 'number_digest', 'birth_year_digest'],
  medical_record_versions: ['sealed_body'],
  break_glass: ['sealed_reason'],
} as const;

/** The ids of the keys in each table. */
async function keyIds(): Promise<Record<string, string[]>> {
  const ids: Record<string, string[]> = {};
  for (const [table, columns] of Object.entries(COLUMNS)) {
    const parts = columns.map(
      (column) => `SELECT DISTINCT split_part(${column}, '.', 2) AS id FROM ${table} WHERE tenant_id = $1`,
    );
    const rows = await sql<{ id: string }>(clinic.database, parts.join(' UNION '), [clinic.tenant.id]);
    ids[table] = rows.map(({ id }) => id).sort();
  }
  return ids;
}

test('texts are read before, during and after a rotation; then the old key may go', { timeout: 120_000 }, async () => {
  await withKeys(OLD, expectReadable);
  await withKeys(BOTH, expectReadable);
  expect(await keyIds()).toEqual({ patients: ['old'], medical_record_versions: ['old'], break_glass: ['old'] });

  await withKeys(BOTH, async (app) => {
    // The first run dies after its first slice: the database refuses the second one.
    const mend = await refuseWrites(clinic.database, {
      tenantId: clinic.tenant.id,
      event: 'UPDATE',
      table: 'medical_record_versions',
    });
    const scope = app.platform.scope();
    await enqueue(scope.tenant(clinic.tenant.id), resealJob, {}, { id: 'reseal-test' });
    await scope.end();
    const slices = await app.queue.drain(app.app);
    expect(slices.map(({ status }) => status)).toEqual([200, 200, 500]);
    await mend();
    expect(await keyIds()).toEqual({ patients: ['new'], medical_record_versions: ['old'], break_glass: ['old'] });
    await expectReadable(app);
    // A number that was sealed with the old key is still taken.
    await clinic.signInAgain('reception', 'reception', app.platform);
    const taken = { number: 'R-1', name: 'Another', birth: '2000-01-01' };
    expect((await app.ask('reception', 'POST', '/care/patients', taken)).body['code']).toBe('ALREADY_EXISTS');

    // The retry goes on where the run stopped.
    await app.queue.advance(app.app, 60 * 60_000);
    clinic.clock.ahead += 60 * 60_000;
  });
  expect(await keyIds()).toEqual({ patients: ['new'], medical_record_versions: ['new'], break_glass: ['new'] });
  await withKeys(NEW, expectReadable);
});
