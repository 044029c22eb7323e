/** Records: amended by versions, found for their readers, announced without data of patients. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { roles } from '../../../src/identity/index.ts';
import { readLogKey } from '../../../src/platform/read-log/index.ts';
import { cloudRedis } from '../../support/admin-redis.ts';
import { sql } from '../../support/tenant.ts';
import { ADA, type Clinic, openClinic } from './world.ts';

let clinic: Clinic;
let patient: string;
beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.close());
beforeEach(async () => {
  for (const role of roles) await clinic.signInAgain(role, role);
  patient = await clinic.patient({ name: 'Marked Person' });
  for (const name of ['clinician', 'nurse']) {
    await clinic.must('reception', 'PUT', `/care/patients/${patient}/team/${clinic.idOf(name)}`, {});
  }
  await clinic.entries();
});

const records = () => `/care/patients/${patient}/records`;
const write = async (json: object = {}, name = 'clinician') =>
  (await clinic.must(name, 'POST', records(), { kind: 'note', text: 'First text', ...json })).id;

describe('a record', () => {
  test('is amended by a new version; each version keeps its text and author', async () => {
    const id = await write();
    await clinic.must('nurse', 'POST', `${records()}/${id}/amend`, { version: 1, text: 'Second text' });
    const record = await clinic.must<{ version: number; versions: object[] }>('clinician', 'GET', `${records()}/${id}`);
    expect(record).toMatchObject({
      version: 2,
      authorId: clinic.idOf('clinician'),
      versions: [
        { version: 2, text: 'Second text', authorId: clinic.idOf('nurse') },
        { version: 1, text: 'First text', authorId: clinic.idOf('clinician') },
      ],
    });
  });

  test('is amended by the author who has read the newest version, and by no other', async () => {
    const id = await write();
    const amend = (text: string) => clinic.send('clinician', 'POST', `${records()}/${id}/amend`, { version: 1, text });
    const answers = await Promise.all([amend('One'), amend('Two')]);
    expect(answers.map(({ code }) => code).sort()).toEqual(['RECORD_AMENDED', 'ok']);
    expect(answers.find(({ code }) => code !== 'ok')?.body).toMatchObject({ version: 2 });
  });

  test.each([
    'UPDATE medical_record_versions SET author_id = $1',
    'DELETE FROM medical_record_versions WHERE $1 <> $1 OR true',
  ])('refuses %s in the database', async (statement) => {
    await write();
    await expect(sql(clinic.database, statement, ['x'])).rejects.toThrow('append-only');
  });

  test('is not in clear text in the database or in Redis', async () => {
    const id = await write({ text: 'Marked diagnosis 4711' });
    await clinic.must('clinician', 'GET', `${records()}/${id}`);
    await clinic.must('clinician', 'GET', records());
    const rows = await sql(
      clinic.database,
      `SELECT to_jsonb(p) AS patient, to_jsonb(r) AS record, to_jsonb(v) AS version, (SELECT jsonb_agg(to_jsonb(a)) FROM
         audit_entries a WHERE a.tenant_id = p.tenant_id) AS entries
       FROM patients p JOIN medical_records r ON r.patient_id = p.id JOIN medical_record_versions v ON v.record_id = r.id
       WHERE p.id = $1`,
      [patient],
    );
    expect(rows).toHaveLength(1);
    const scope = clinic.platform.scope();
    const keys = await cloudRedis().keys(`hf:${clinic.tenant.id}:*`);
    const values: unknown[] = [await scope.redis.xrange(readLogKey(clinic.tenant.id), '-', '+')];
    for (const key of keys) if ((await cloudRedis().type(key)) === 'string') values.push(await scope.redis.get(key));
    await scope.end();
    expect(keys.filter((key) => key.includes('care.record'))).not.toEqual([]);
    expect(JSON.stringify(values[0])).toContain(id);
    const stored = JSON.stringify([rows, keys, values, clinic.lines]);
    for (const marked of ['diagnosis 4711', 'Marked Person', ADA.birth, ADA.address]) {
      expect(stored, marked).not.toContain(marked);
    }
  });

  test('a cached read is one request of four commands without a statement, and is in the audit trail', async () => {
    const id = await write();
    await clinic.send('clinician', 'GET', `${records()}/${id}`);
    const hit = await clinic.send('clinician', 'GET', `${records()}/${id}`);
    expect(hit.headers.get('x-cache')).toBe('HIT');
    expect(hit.cost).toEqual({ redis: '1 request, 4 commands', db: '0 queries' });
    const read = { action: 'record.read', outcome: 'ok', entityId: id, patientId: patient, purpose: 'TREAT' };
    const reads = (await clinic.entries()).filter(({ action }) => action === 'record.read');
    expect(reads).toMatchObject(Array(2).fill({ ...read, actorId: clinic.idOf('clinician') }));
  });

  test('of another patient is not found, also by its id', async () => {
    const id = await write();
    const other = await clinic.patient();
    await clinic.must('reception', 'PUT', `/care/patients/${other}/team/${clinic.idOf('clinician')}`, {});
    expect((await clinic.send('clinician', 'GET', `/care/patients/${other}/records/${id}`)).code).toBe('NOT_FOUND');
    const path = `/care/patients/${other}/records/${id}/amend`;
    expect((await clinic.send('clinician', 'POST', path, { version: 1, text: 'x' })).code).toBe('NOT_FOUND');
  });
});

test('the list has no texts, and is in pages', async () => {
  const ids = [await write(), await write({ kind: 'diagnosis' }), await write()];
  type Page = { items: { id: string }[]; nextCursor: string | null };
  const first = await clinic.must<Page>('clinician', 'GET', `${records()}?limit=2`);
  const second = await clinic.must<Page>('clinician', 'GET', `${records()}?limit=2&cursor=${first.nextCursor}`);
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids.toReversed());
  expect(JSON.stringify([first, second])).not.toContain('First text');
  const nurse = await clinic.must<Page>('nurse', 'GET', records());
  expect(nurse.items.map(({ id }) => id)).toEqual([ids[2], ids[0]]);
});

describe('a result', () => {
  test('tells the user who ordered it, by inbox and mail, and says nothing about the patient', async () => {
    await clinic.hire('orderer', 'clinician');
    const orderer = clinic.idOf('orderer');
    const id = await write({ kind: 'result', text: 'Marked value 4711', orderedBy: orderer });
    const inbox = await clinic.must<{ items: object[] }>('orderer', 'GET', '/notifications');
    expect(inbox.items).toMatchObject([
      { kind: 'care.result-ready', title: 'A result is ready', data: { patientId: patient, recordId: id } },
    ]);
    const mails = await clinic.mails(`${orderer}@people.example`);
    expect(mails.map(({ subject }) => subject)).toEqual(['A result is ready']);
    for (const marked of ['value 4711', 'Marked', 'Person', patient, id]) {
      expect(JSON.stringify([mails, inbox.items.map((item) => ({ ...item, data: null }))])).not.toContain(marked);
    }
  });

  test('with a new version tells the user who ordered it, unless this user is the author', async () => {
    await clinic.hire('orderer', 'clinician');
    const id = await write({ kind: 'result', orderedBy: clinic.idOf('orderer') });
    await clinic.must('clinician', 'POST', `${records()}/${id}/amend`, { version: 1, text: 'Second text' });
    await clinic.must('reception', 'PUT', `/care/patients/${patient}/team/${clinic.idOf('orderer')}`, {});
    await clinic.must('orderer', 'POST', `${records()}/${id}/amend`, { version: 2, text: 'Third text' });
    const inbox = await clinic.must<{ items: { title: string }[] }>('orderer', 'GET', '/notifications');
    const titles = ['A result has a new version', 'A result is ready'];
    expect(inbox.items.map(({ title }) => title)).toEqual(titles);
    const mails = await clinic.mails(`${clinic.idOf('orderer')}@people.example`);
    expect(mails.map(({ subject }) => subject).toSorted()).toEqual(titles);
  });

  test('is ordered by a clinician: a nurse is refused by name', async () => {
    const answer = await clinic.send('clinician', 'POST', records(), {
      ...{ kind: 'result', text: 'x', orderedBy: clinic.idOf('nurse') },
    });
    expect([answer.code, answer.body]).toMatchObject([
      'NO_SUCH_REFERENCE',
      { errors: [{ field: 'orderedBy', message: 'is no user with the right care:records:all' }] },
    ]);
  });

  test.each([
    [{ kind: 'note', orderedBy: 'user_none' }, 'VALIDATION_FAILED', 'orderedBy'],
    [{ kind: 'result', orderedBy: 'user_none' }, 'NO_SUCH_REFERENCE', 'orderedBy'],
  ])('%j is refused', async (json, code, field) => {
    const answer = await clinic.send('clinician', 'POST', records(), { text: 'x', ...json });
    expect([answer.code, answer.body]).toMatchObject([code, { errors: [{ field }] }]);
  });
});
