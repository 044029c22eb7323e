/**
 * The rights to see the records of a patient: relation × consent × emergency. The expected answers are written by hand. Each
 * answer with data, and each refusal, has its entry in the audit trail. role × route is in routes-matrix.test.ts.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sealColumn } from '../../../src/care/sealing/columns.ts';
import { roles } from '../../../src/identity/index.ts';
import { sql } from '../../support/tenant.ts';
import { type Clinic, openClinic } from './world.ts';

const MINUTE_MS = 60_000;

let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic();
  await clinic.hire('author', 'clinician');
});
afterAll(() => clinic.close());
// Access tokens are valid for five minutes.
beforeEach(async () => {
  for (const role of roles) await clinic.signInAgain(role, role);
  await clinic.signInAgain('author', 'clinician');
});

const moment = (ms: number) => new Date(Date.now() + clinic.clock.ahead + ms).toISOString().slice(0, -1);
const newId = (kind: string) => `${kind}_${randomBytes(8).toString('hex')}`;

const assign = (patient: string, name: string) =>
  sql(
    clinic.database,
    `INSERT INTO care_assignments (tenant_id, patient_id, user_id, created_at) VALUES ($1, $2, $3, now())`,
    [clinic.tenant.id, patient, clinic.idOf(name)],
  );

let number = 0;
/** Adds an access in an emergency, as if it had been started on another day. */
async function emergency(
  patient: string,
  name: string,
  how: { ends: number; restricted?: boolean; confirmed?: boolean },
) {
  number += 1;
  const id = newId('emergency');
  const scope = clinic.platform.scope();
  const sealed = await sealColumn(scope.tenant(clinic.tenant.id), 'break_glass.sealed_reason', id, 'unconscious');
  await scope.end();
  await sql(
    clinic.database,
    `INSERT INTO break_glass (tenant_id, id, patient_id, user_id, record_class, purpose, sealed_reason, started_at,
       expires_at, confirmed_by, confirmed_at, day, number)
     VALUES ($1, $2, $3, $4, $5::record_class, 'ETREAT', $10, now(), $6, $7, $8, '2020-01-01', $9)`,
    [
      ...[clinic.tenant.id, id, patient, clinic.idOf(name), how.restricted ? 'restricted' : 'normal'],
      ...[moment(how.ends), how.confirmed ? 'other' : null, how.confirmed ? moment(0) : null, number],
      sealed,
    ],
  );
}

interface Subject {
  patient: string;
  note: string;
  diagnosis: string;
  restricted: string;
}

/** Writes three records of a patient, whose author needs access for it. */
async function writeRecords(patient: string, author: string): Promise<Subject> {
  const write = async (kind: string, recordClass = 'normal') =>
    (await clinic.must(author, 'POST', `/care/patients/${patient}/records`, { kind, recordClass, text: 'Rest' })).id;
  const [note, diagnosis] = [await write('note'), await write('diagnosis')];
  return { patient, note, diagnosis, restricted: await write('note', 'restricted') };
}

describe('relation × consent × emergency', () => {
  const RELATIONS: Readonly<Record<string, (patient: string) => Promise<unknown>>> = {
    none: async () => {},
    'visit today': (patient) => clinic.visit(patient, 'clinician'),
    'visit 29 days ago': (patient) => clinic.visit(patient, 'clinician', -29),
    'visit in 29 days': (patient) => clinic.visit(patient, 'clinician', 29),
    'visit 31 days ago': (patient) => clinic.visit(patient, 'clinician', -31),
    'visit of a colleague': (patient) => clinic.visit(patient, 'author'),
    'cancelled visit': async (patient) => {
      const id = await clinic.visit(patient, 'clinician');
      await sql(clinic.database, `UPDATE appointments SET status = 'cancelled' WHERE id = $1`, [id]);
    },
    assignment: (patient) => assign(patient, 'clinician'),
    author: async () => {},
  };
  const CONSENTS: Readonly<Record<string, [decision: string, recordClass: string, about: string | null][]>> = {
    none: [],
    'denied to all': [['deny', 'normal', null]],
    'denied to me, permitted to all': [
      ['permit', 'normal', null],
      ['deny', 'normal', 'clinician'],
    ],
    'denied to all, permitted to me': [
      ['deny', 'normal', null],
      ['permit', 'normal', 'clinician'],
    ],
    'denied to a colleague': [['deny', 'normal', 'author']],
    'restricted permitted': [['permit', 'restricted', 'clinician']],
    'restricted denied': [['deny', 'restricted', null]],
  };
  const EMERGENCIES = {
    none: null,
    normal: { ends: 30 * MINUTE_MS },
    'restricted, not confirmed': { ends: 30 * MINUTE_MS, restricted: true },
    'restricted, confirmed': { ends: 30 * MINUTE_MS, restricted: true, confirmed: true },
    expired: { ends: 30_000, restricted: true, confirmed: true },
  } as const;
  // For a clinician: a note, a diagnosis, and a restricted note. `+` is 200, each other mark a 403: `r`
  // NO_CARE_RELATION, `c` CONSENT_DENIED, `x` RECORD_RESTRICTED.
  //                                                        none  normal waiting confirmed expired
  const TABLE: [relation: string, consent: string, marks: string][] = [
    ['none', 'none', '                                       rrr   ++r    rrr     +++       rrr'],
    ['none', 'denied to all', '                              ccr   ++r    ccr     +++       ccr'],
    ['none', 'denied to me, permitted to all', '             ccr   ++r    ccr     +++       ccr'],
    ['none', 'denied to all, permitted to me', '             rrr   ++r    rrr     +++       rrr'],
    ['none', 'restricted permitted', '                       rrr   ++r    rrr     +++       rrr'],
    ['none', 'restricted denied', '                          rrc   ++c    rrc     +++       rrc'],
    ['visit 31 days ago', 'none', '                          rrr   ++r    rrr     +++       rrr'],
    ['visit of a colleague', 'none', '                       rrr   ++r    rrr     +++       rrr'],
    ['cancelled visit', 'none', '                            rrr   ++r    rrr     +++       rrr'],
    ['visit today', 'none', '                                ++x   ++x    ++x     +++       ++x'],
    ['visit today', 'denied to all', '                       ccx   ++x    ccx     +++       ccx'],
    ['visit today', 'denied to me, permitted to all', '      ccx   ++x    ccx     +++       ccx'],
    ['visit today', 'denied to all, permitted to me', '      ++x   ++x    ++x     +++       ++x'],
    ['visit today', 'denied to a colleague', '               ++x   ++x    ++x     +++       ++x'],
    ['visit today', 'restricted permitted', '                +++   +++    +++     +++       +++'],
    ['visit today', 'restricted denied', '                   ++c   ++c    ++c     +++       ++c'],
    ['visit 29 days ago', 'none', '                          ++x   ++x    ++x     +++       ++x'],
    ['visit in 29 days', 'none', '                           ++x   ++x    ++x     +++       ++x'],
    ['assignment', 'none', '                                 ++x   ++x    ++x     +++       ++x'],
    ['assignment', 'denied to all', '                        ccx   ++x    ccx     +++       ccx'],
    ['assignment', 'restricted permitted', '                 +++   +++    +++     +++       +++'],
    ['author', 'none', '                                     +++   +++    +++     +++       +++'],
    ['author', 'denied to all', '                            cc+   +++    cc+     +++       cc+'],
    ['author', 'restricted denied', '                        ++c   ++c    ++c     +++       ++c'],
  ];
  const MARKS: Readonly<Record<string, string>> = {
    ...{ ok: '+', NO_CARE_RELATION: 'r', CONSENT_DENIED: 'c', RECORD_RESTRICTED: 'x' },
  };

  test.each(TABLE)('%s, %s', async (relation, consent, line) => {
    const cases = Object.entries(EMERGENCIES);
    const subjects: Subject[] = [];
    for (const [, how] of cases) {
      const patient = await clinic.patient();
      // The author writes in an emergency of half a minute.
      const author = relation === 'author' ? 'clinician' : 'author';
      await emergency(patient, author, { ends: 30_000, restricted: true, confirmed: true });
      await RELATIONS[relation]?.(patient);
      for (const [decision, recordClass, about] of CONSENTS[consent] ?? []) {
        await sql(
          clinic.database,
          `INSERT INTO patient_consents (tenant_id, id, patient_id, user_id, decision, record_class, valid_from,
             recorded_by, created_at)
           VALUES ($1, $2, $3, $4, $5::consent_decision, $6::record_class, '2020-01-01', 'x', now())`,
          [
            ...[clinic.tenant.id, newId('consent'), patient, about === null ? null : clinic.idOf(about)],
            ...[decision, recordClass],
          ],
        );
      }
      if (how) await emergency(patient, 'clinician', how);
      subjects.push(await writeRecords(patient, author));
    }
    clinic.clock.ahead += MINUTE_MS;
    await clinic.entries();

    const found: string[] = [];
    for (const [index, { patient, note, diagnosis, restricted }] of subjects.entries()) {
      const path = `/care/patients/${patient}/records`;
      let marks = '';
      for (const id of [note, diagnosis, restricted]) {
        const { code, status, body } = await clinic.send('clinician', 'GET', `${path}/${id}`);
        marks += MARKS[code] ?? code;
        const [entry, ...more] = await clinic.entries();
        expect(more).toEqual([]);
        expect(entry).toMatchObject({ action: 'record.read', entityId: id, patientId: patient });
        if (status === 200) expect(entry).toMatchObject({ outcome: 'ok' });
        else expect(entry).toMatchObject({ outcome: 'refused', data: { code } });
        if (status === 403) expect(body).toMatchObject({ canBreakGlass: true });
        const amended = await clinic.send('clinician', 'POST', `${path}/${id}/amend`, { version: 9, text: 'Rest' });
        expect(amended.code).toBe(status === 200 ? 'RECORD_AMENDED' : code);
        await clinic.entries();
      }
      found.push(marks);
      // A list has the records that can be read. Without any, it is refused as a normal record is.
      const list = await clinic.send<{ items: { id: string }[] }>('clinician', 'GET', path);
      const visible = [note, diagnosis, restricted].filter((_id, at) => marks[at] === '+');
      const isNormal = marks[0] === '+';
      expect(list.status === 200 ? list.body.items.map(({ id }) => id).sort() : list.code).toEqual(
        visible.length > 0 || isNormal ? visible.sort() : Object.keys(MARKS).find((code) => MARKS[code] === marks[0]),
      );
      const [entry] = await clinic.entries();
      expect(entry).toMatchObject({ action: 'records.listed', outcome: list.status === 200 ? 'ok' : 'refused' });
      const inEmergency = marks !== '' && cases[index]?.[0] === 'restricted, confirmed';
      if (inEmergency) expect(entry).toMatchObject({ purpose: 'ETREAT' });
    }
    expect(found).toEqual(line.trim().split(/\s+/));
  });
});
