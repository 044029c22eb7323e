/** The export of a patient: sealed, for its user alone, without records that the user may not see, and gone in a day. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { roles } from '../../../src/identity/index.ts';
import { sql } from '../../support/tenant.ts';
import { type Clinic, openClinic } from './world.ts';

let clinic: Clinic;
let patient: string;
beforeAll(async () => {
  clinic = await openClinic();
  await clinic.hire('colleague', 'clinician');
});
afterAll(() => clinic.close());
beforeEach(async () => {
  for (const role of roles) await clinic.signInAgain(role, role);
  await clinic.signInAgain('colleague', 'clinician');
  patient = await clinic.patient({ name: 'Marked Export' });
  for (const name of ['clinician', 'colleague']) {
    await clinic.must('reception', 'PUT', `/care/patients/${patient}/team/${clinic.idOf(name)}`, {});
  }
  for (const [name, recordClass, text] of [
    ['clinician', 'normal', 'Own note 4711'],
    ['colleague', 'restricted', 'Hidden note'],
  ]) {
    await clinic.must(name ?? '', 'POST', `/care/patients/${patient}/records`, { kind: 'note', recordClass, text });
  }
});

const path = () => `/care/patients/${patient}/exports`;
const runJobs = () => clinic.mails('none@people.example');

test('is a sealed file with what the user may see, and its download is in the audit trail', async () => {
  const { id } = await clinic.must('clinician', 'POST', path());
  expect((await clinic.send('clinician', 'GET', `${path()}/${id}/file`)).code).toBe('NOT_DONE');
  await runJobs();
  expect(await clinic.must('clinician', 'GET', `${path()}/${id}`)).toMatchObject({
    status: 'done',
    patientId: patient,
  });
  await clinic.entries();
  const file = await clinic.send('clinician', 'GET', `${path()}/${id}/file`);
  expect(file.body).toMatchObject({
    patient: { name: 'Marked Export' },
    records: [{ versions: [{ text: 'Own note 4711' }] }],
  });
  expect(file.headers.get('content-disposition')).toBe(`attachment; filename="${id}.json"`);
  expect(await clinic.entries()).toMatchObject([
    { action: 'patient-export.downloaded', entityId: id, patientId: patient },
  ]);
  const stored = await sql(
    clinic.database,
    'SELECT to_jsonb(e) AS file, (SELECT jsonb_agg(payload) FROM outbox WHERE tenant_id = $1) AS outbox FROM patient_exports e WHERE tenant_id = $1',
    [clinic.tenant.id],
  );
  for (const marked of ['note 4711', 'Marked']) expect(JSON.stringify([stored, clinic.lines])).not.toContain(marked);
});

test('belongs to its user: another clinician of the patient does not find it', async () => {
  const { id } = await clinic.must('clinician', 'POST', path());
  await runJobs();
  for (const end of ['', '/file']) {
    expect((await clinic.send('colleague', 'GET', `${path()}/${id}${end}`)).code).toBe('NOT_FOUND');
  }
});

test('needs the relation at its beginning and at the download', async () => {
  const { id } = await clinic.must('clinician', 'POST', path());
  await runJobs();
  await clinic.must('reception', 'DELETE', `/care/patients/${patient}/team/${clinic.idOf('clinician')}`);
  expect((await clinic.send('clinician', 'GET', `${path()}/${id}/file`)).code).toBe('NO_CARE_RELATION');
  expect((await clinic.send('clinician', 'POST', path())).code).toBe('NO_CARE_RELATION');
});

test('has no restricted record any more after the patient has revoked the permission', async () => {
  const permission = { decision: 'permit', recordClass: 'restricted' };
  const consents = `/care/patients/${patient}/consents`;
  const consent = await clinic.must('reception', 'POST', consents, permission);
  const { id } = await clinic.must('clinician', 'POST', path());
  await runJobs();
  const texts = async () => {
    const { records } = await clinic.must<{ records: { versions: { text: string }[] }[] }>(
      ...(['clinician', 'GET', `${path()}/${id}/file`] as const),
    );
    return records.map(({ versions }) => versions[0]?.text);
  };
  expect(await texts()).toEqual(['Hidden note', 'Own note 4711']);
  await clinic.must('reception', 'POST', `${consents}/${consent.id}/revoke`);
  expect(await texts()).toEqual(['Own note 4711']);
});

test('is gone after a day, and its row after its job', async () => {
  const { id } = await clinic.must('clinician', 'POST', path());
  await runJobs();
  clinic.clock.ahead += 86_400_000;
  await clinic.signInAgain('clinician', 'clinician');
  expect((await clinic.send('clinician', 'GET', `${path()}/${id}/file`)).code).toBe('NOT_FOUND');
  await runJobs();
  expect(await sql(clinic.database, 'SELECT 1 FROM patient_exports WHERE id = $1', [id])).toEqual([]);
});
