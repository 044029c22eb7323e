/** Patients: found by digests, changed with conditions, merged, and never in clear text at rest. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addRecord } from '../../../src/care/records/writes.ts';
import { roles } from '../../../src/identity/index.ts';
import { readLogKey } from '../../../src/platform/read-log/index.ts';
import { cloudRedis } from '../../support/admin-redis.ts';
import { refuseWrites } from '../../support/refuse-writes.ts';
import { sql } from '../../support/tenant.ts';
import { ADA, type Clinic, openClinic } from './world.ts';

let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.close());
beforeEach(async () => {
  // No test uses up the searches of a minute for the next one.
  clinic.clock.ahead += 61_000;
  for (const role of roles) await clinic.signInAgain(role, role);
  await clinic.entries();
});

interface Found {
  items: { id: string; name: string; number: string; birth: string }[];
  isComplete: boolean;
}
const search = async (json: object) => (await clinic.must<Found>('nurse', 'POST', '/care/patients/search', json)).items;

describe('a search', () => {
  test.each([
    ['the number', { number: ' x-77 ' }, true],
    ['a part of the number', { number: 'X-7' }, false],
    ['a word of the name', { name: 'dyke' }, true],
    ['all words in another order, case and without accents', { name: 'DYKE zoe' }, true],
    ['a word and the year of birth', { name: 'van', birthYear: 1951 }, true],
    ['a word and another year', { name: 'van', birthYear: 1950 }, false],
    ['a word that the name lacks', { name: 'dyke ada' }, false],
    ['a part of a word', { name: 'dyk' }, false],
    ['no word at all', { name: '--' }, false],
  ])('by %s', async (_title, json, isFound) => {
    const [known] = await search({ number: 'X-77' });
    const id = known?.id ?? (await clinic.patient({ number: 'X-77', name: 'Zoë van Dyke' }));
    await clinic.patient({ name: 'Ada Other' });
    expect((await search(json)).map((each) => each.id)).toEqual(isFound ? [id] : []);
  });

  test('shows at most 20 patients, of each only name, number and birth, and says that there are more', async () => {
    for (let each = 0; each < 21; each += 1) await clinic.patient({ name: 'Common Name' });
    const found = await clinic.must<Found>('nurse', 'POST', '/care/patients/search', { name: 'common' });
    expect([found.items.length, found.isComplete]).toEqual([20, false]);
    expect(Object.keys(found.items[0] ?? {}).sort()).toEqual(['birth', 'id', 'name', 'number']);
    const shown = (await clinic.entries()).at(-1);
    expect(shown).toMatchObject({ action: 'patient.searched', outcome: 'ok' });
    expect(shown?.data).toEqual({ by: ['name'], patients: found.items.map(({ id }) => id) });
  });

  test('finds no patient of another tenant, whose digests differ', async () => {
    const other = await openClinic();
    await other.patient({ number: 'X-88', name: 'Otherwise Here' });
    expect([await search({ number: 'X-88' }), await search({ name: 'otherwise' })]).toEqual([[], []]);
    await clinic.patient({ number: 'X-88', name: 'Otherwise Here' });
    const rows = await sql<{ digest: string }>(
      clinic.database,
      'SELECT number_digest AS digest FROM patients WHERE tenant_id = ANY ($1)',
      [[clinic.tenant.id, other.tenant.id]],
    );
    expect(new Set(rows.map(({ digest }) => digest)).size).toBe(rows.length);
    await other.close();
  });

  test.each([
    [{}, 'number'],
    [{ number: 'A', name: 'B' }, 'number'],
    [{ number: 'A', birthYear: 1950 }, 'birthYear'],
  ])('%j is refused by %s', async (json, field) => {
    const { body, code } = await clinic.send('nurse', 'POST', '/care/patients/search', json);
    expect([code, body]).toMatchObject(['VALIDATION_FAILED', { errors: [{ field }] }]);
  });

  test('is limited to 30 a minute for a user', async () => {
    await clinic.hire('busy', 'nurse');
    const codes: string[] = [];
    for (let each = 0; each < 31; each += 1) {
      codes.push((await clinic.send('busy', 'POST', '/care/patients/search', { number: 'none' })).code);
    }
    expect(codes.slice(0, 30)).toEqual(Array(30).fill('ok'));
    expect(codes.at(-1)).toBe('RATE_LIMITED');
  });
});

describe('a patient', () => {
  test('is changed under the condition of its state; the search follows', async () => {
    const id = await clinic.patient({ number: 'C-1', name: 'Old Name' });
    const path = `/care/patients/${id}`;
    const etag = (await clinic.send('reception', 'GET', path)).headers.get('etag') ?? '';
    const changed = await clinic.send(
      'reception',
      'PATCH',
      path,
      { name: 'New Word', number: 'C-2' },
      { 'if-match': etag },
    );
    expect(changed.body).toMatchObject({ name: 'New Word', number: 'C-2', contact: { address: ADA.address } });
    const late = await clinic.send('reception', 'PATCH', path, { name: 'Late' }, { 'if-match': etag });
    expect(late.code).toBe('PRECONDITION_FAILED');
    expect([await search({ number: 'C-1' }), await search({ name: 'old' })]).toEqual([[], []]);
    expect([...(await search({ number: 'C-2' })), ...(await search({ name: 'word new' }))]).toHaveLength(2);
  });

  test('has a number of its own', async () => {
    await clinic.patient({ number: 'D-1' });
    const other = await clinic.patient({ number: 'D-2' });
    const taken = { code: 'ALREADY_EXISTS', body: { errors: [{ field: 'number', message: 'is taken' }] } };
    expect(await clinic.send('reception', 'POST', '/care/patients', { ...ADA, number: 'd-1' })).toMatchObject(taken);
    const path = `/care/patients/${other}`;
    expect(await clinic.send('reception', 'PATCH', path, { number: 'D-1' })).toMatchObject(taken);
  });

  test('shows its address to billers, and no other way to reach it', async () => {
    const id = await clinic.patient({ email: 'ada@people.example' });
    const contactFor = async (name: string) =>
      (await clinic.must<{ contact: object }>(name, 'GET', `/care/patients/${id}`)).contact;
    expect(await contactFor('biller')).toEqual({ address: ADA.address, phone: null, email: null });
    const all = { address: ADA.address, phone: ADA.phone, email: 'ada@people.example' };
    for (const role of ['reception', 'nurse', 'clinician']) expect(await contactFor(role), role).toEqual(all);
  });

  test('is in the audit trail without its values', async () => {
    const id = await clinic.patient();
    await clinic.must('reception', 'PATCH', `/care/patients/${id}`, { name: 'Secret Name', phone: '+49 99' });
    const entries = await clinic.entries();
    expect(entries.map(({ action, data }) => [action, data])).toEqual([
      ['patient.created', {}],
      ['patient.updated', { fields: ['name', 'phone'] }],
    ]);
  });

  test('is cached sealed for a minute: a hit is one request without a statement', async () => {
    const id = await clinic.patient({ name: 'Marked Cachevalue' });
    const path = `/care/patients/${id}`;
    await clinic.send('reception', 'GET', path);
    const hit = await clinic.send('reception', 'GET', path);
    expect([hit.headers.get('x-cache'), hit.headers.get('cache-control')]).toEqual(['HIT', 'no-store']);
    expect(hit.cost).toEqual({ redis: '1 request, 4 commands', db: '0 queries' });
    clinic.clock.ahead += 70_000;
    await clinic.signInAgain('reception', 'reception');
    expect((await clinic.send('reception', 'GET', path)).headers.get('x-cache')).toBe('MISS');
  });
});

describe('a merge', () => {
  test('moves everything about the duplicate, and keeps both audit trails', async () => {
    const [id, duplicate] = [
      await clinic.patient({ number: 'M-1' }),
      await clinic.patient({ number: 'M-2', name: 'Twin' }),
    ];
    await clinic.must('reception', 'PUT', `/care/patients/${duplicate}/team/${clinic.idOf('clinician')}`, {});
    const { id: note } = await clinic.must('clinician', 'POST', `/care/patients/${duplicate}/records`, {
      ...{ kind: 'note', text: 'Before the merge' },
    });
    expect((await clinic.send('clinician', 'GET', `/care/patients/${id}/records`)).code).toBe('NO_CARE_RELATION');
    await clinic.must('reception', 'POST', `/care/patients/${id}/merge`, { duplicateId: duplicate });

    const record = await clinic.must('clinician', 'GET', `/care/patients/${id}/records/${note}`);
    expect(record).toMatchObject({ patientId: id, versions: [{ text: 'Before the merge' }] });
    expect((await clinic.send('clinician', 'GET', `/care/patients/${duplicate}/records`)).code).toBe('NOT_FOUND');
    expect(await clinic.must('reception', 'GET', `/care/patients/${duplicate}`)).toMatchObject({ mergedInto: id });
    expect((await search({ number: 'M-2' })).map((each) => each.id)).toEqual([id]);
    expect(await search({ name: 'twin' })).toEqual([]);
    const { items } = await clinic.must<{ items: { action: string }[] }>(
      'care_auditor',
      'GET',
      `/care/patients/${id}/accesses?limit=100`,
    );
    const actions = items.map(({ action }) => action);
    expect(actions.filter((action) => action === 'patient.created')).toHaveLength(2);
    expect(actions).toEqual(
      expect.arrayContaining(['team.changed', 'record.created', 'patient.merged', 'record.read']),
    );
  });

  test('refuses a record of the duplicate whose author was checked before it', async () => {
    const [id, duplicate] = [await clinic.patient(), await clinic.patient()];
    await clinic.must('reception', 'POST', `/care/patients/${id}/merge`, { duplicateId: duplicate });
    const scope = clinic.platform.scope();
    const record = { kind: 'note', recordClass: 'normal', text: 'Late' } as const;
    const late = addRecord(scope.tenant(clinic.tenant.id), duplicate, clinic.idOf('clinician'), record);
    await expect(late).rejects.toMatchObject({ code: 'MERGED' });
    await scope.end();
  });

  test.each([
    ['itself', 400, 'VALIDATION_FAILED'],
    ['no patient', 404, 'NOT_FOUND'],
    ['a merged duplicate', 409, 'MERGED'],
  ])('with %s is refused', async (what, status, code) => {
    const [id, merged] = [await clinic.patient(), await clinic.patient()];
    await clinic.must('reception', 'POST', `/care/patients/${await clinic.patient()}/merge`, { duplicateId: merged });
    const duplicateId = { itself: id, 'no patient': 'patient_none', 'a merged duplicate': merged }[what];
    const answer = await clinic.send('reception', 'POST', `/care/patients/${id}/merge`, { duplicateId });
    expect([answer.status, answer.code]).toEqual([status, code]);
  });
});

test('who looked at a patient: each access at once, each search that showed it, each refusal, in pages', async () => {
  const id = await clinic.patient({ name: 'Watched Person' });
  await clinic.send('nurse', 'GET', `/care/patients/${id}`);
  await search({ name: 'watched' });
  await clinic.send('owner', 'GET', `/care/patients/${id}`);
  await clinic.send('clinician', 'GET', `/care/patients/${id}/records`);
  type Page = { items: Record<string, string>[]; nextCursor: string | null };
  const seen: unknown[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const path: string = `/care/patients/${id}/accesses?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const page: Page = await clinic.must<Page>('care_auditor', 'GET', path);
    seen.push(...page.items.map(({ actorId, action, outcome }) => [actorId, action, outcome]));
    cursor = page.nextCursor;
  }
  expect(seen.filter((each) => !String(each).includes('patient-accesses'))).toEqual([
    [clinic.idOf('clinician'), 'records.listed', 'refused'],
    [clinic.idOf('owner'), 'patient.read', 'refused'],
    [clinic.idOf('nurse'), 'patient.searched', 'ok'],
    [clinic.idOf('nurse'), 'patient.read', 'ok'],
    [clinic.idOf('reception'), 'patient.created', 'ok'],
  ]);
});

test('a text in place of an id, which may be a name, is not found, and is in no entry, no key and no line of the log', async () => {
  const id = await clinic.patient();
  await clinic.must('reception', 'PUT', `/care/patients/${id}/team/${clinic.idOf('clinician')}`, {});
  await clinic.entries();
  const paths = [
    ...['', '/records', '/records/record_1', '/exports/pexport_1'].map((end) => `patients/Marked-Name${end}`),
    ...['records', 'exports'].map((rows) => `patients/${id}/${rows}/Marked-Name`),

    `patients/${id}/records?cursor=Marked-Name`,
    ...['appointments/Marked-Name', 'appointments?day=2027-01-04&clinicianId=Marked-Name'],
  ].map((path): ['clinician', string] => ['clinician', `/care/${path}`]);
  const others = ['accounts/Marked-Name', 'accounts/Marked-Name/entries', 'patients/Marked-Name/accounts'];
  const asked = [...paths, ...others.map((path): ['biller', string] => ['biller', `/care/${path}`])];
  for (const [name, path] of asked) {
    expect([path, (await clinic.send(name, 'GET', path)).code]).toEqual([path, 'NOT_FOUND']);
  }
  const key = clinic.people.get('clinician')?.bearer ?? '';
  for (const [page, status] of [
    ['patients/Marked-Name', 404],
    ['patients/Marked-Name/records', 404],
    ['appointments/Marked-Name', 404],
  ] as const) {
    expect([page, (await clinic.request(`/care/screens/${page}`, { key })).status]).toEqual([page, status]);
  }
  const scope = clinic.platform.scope();
  const stored = [
    await cloudRedis().keys(`hf:${clinic.tenant.id}:*`),
    await scope.redis.xrange(readLogKey(clinic.tenant.id), '-', '+'),
    clinic.lines,
  ];
  await scope.end();
  const entries = await clinic.entries();
  expect(entries.slice(0, asked.length)).toMatchObject(
    asked.map(() => ({ outcome: 'refused', data: { code: 'NOT_FOUND' } })),
  );
  expect(JSON.stringify([stored, entries])).not.toContain('Marked-Name');
});

describe('an answer whose entry cannot be written is not sent', () => {
  test.each(['unreachable', 'answer-lost'] as const)(
    'if the append to the log is %s, also if it is cached',
    async (fault) => {
      const id = await clinic.patient();
      await clinic.send('reception', 'GET', `/care/patients/${id}`);
      clinic.redis.faults.log = fault;
      const answer = await clinic.send('reception', 'GET', `/care/patients/${id}`);
      clinic.redis.faults = {};
      expect([answer.status, answer.code]).toEqual([503, 'READ_NOT_LOGGED']);
      expect([JSON.stringify(answer.body).includes(ADA.name), answer.headers.get('etag')]).toEqual([false, null]);
    },
  );

  test('if the database refuses the entry of a search', async () => {
    const id = await clinic.patient({ name: 'Marked Unsaid' });
    const mend = await refuseWrites(clinic.database, {
      tenantId: clinic.tenant.id,
      event: 'INSERT',
      table: 'audit_entries',
    });
    try {
      const answer = await clinic.send('nurse', 'POST', '/care/patients/search', { name: 'unsaid' });
      expect([answer.status, JSON.stringify(answer.body).includes(id)]).toEqual([500, false]);
    } finally {
      await mend();
    }
  });
});
