/**
 * Care records of invented patients. The patients have numbers instead of names, which shows that they are invented.
 * Sensitive columns are sealed with the given `seal`, so that an application with its own key can read the rows.
 */
import { createHash } from 'node:crypto';
import type { Prisma } from '#prisma';
import type { UserRow } from './people.ts';
import { addDays, toDay, type World } from './world.ts';

/** Seals the text of one column of one row. `where` is `<table>.<column>/<id>`. */
export type Seal = (text: string, where: string) => string | Promise<string>;

export interface CareRows {
  patients: Prisma.PatientCreateManyInput[];
  medicalRecords: Prisma.MedicalRecordCreateManyInput[];
  recordVersions: Prisma.MedicalRecordVersionCreateManyInput[];
  appointments: Prisma.AppointmentCreateManyInput[];
  accounts: Prisma.AccountCreateManyInput[];
  ledgerEntries: Prisma.LedgerEntryCreateManyInput[];
}

const departments = ['General practice', 'Cardiology', 'Physiotherapy'];
const recordKinds = ['note', 'diagnosis', 'prescription', 'result'] as const;

export async function makeCare(world: World, clinicians: UserRow[], count: number, seal: Seal): Promise<CareRows> {
  const records = { medicalRecords: [], recordVersions: [] };
  const rows: CareRows = { patients: [], ...records, appointments: [], accounts: [], ledgerEntries: [] };
  for (let number = 1; number <= count; number++) await addPatient(world, rows, clinicians, number, seal);
  return rows;
}

async function addPatient(world: World, rows: CareRows, clinicians: UserRow[], number: number, seal: Seal) {
  const { tenantId } = world;
  const createdAt = world.daysAgo(300, 100);
  const times = { createdAt, updatedAt: createdAt };
  const id = world.id('patient', createdAt);
  const recordNumber = `TEST-${String(number).padStart(4, '0')}`;
  rows.patients.push({
    tenantId,
    id,
    numberDigest: digestOf(`${tenantId}/${recordNumber}`),
    birthYearDigest: digestOf(`${tenantId}/19${50 + number}`),
    nameTokens: ['test', 'patient', String(number)].map((word) => digestOf(`${tenantId}/${word}`)),
    sealedNumber: await seal(recordNumber, `patients.sealed_number/${id}`),
    sealedName: await seal(`Test Patient ${number}`, `patients.sealed_name/${id}`),
    sealedBirth: await seal(`19${50 + number}-01-01`, `patients.sealed_birth/${id}`),
    ...times,
  });

  for (const kind of recordKinds) {
    const recordedAt = world.since(createdAt);
    const recordId = world.id('record', recordedAt);
    const authorId = world.pick(clinicians).id;
    const text = `Sample ${kind}, about nobody.`;
    const sealedBody = await seal(text, `medical_record_versions.sealed_body/${recordId}/1`);
    const version = { tenantId, recordId, version: 1, authorId, sealedBody, createdAt: recordedAt };
    rows.recordVersions.push(version);
    rows.medicalRecords.push({
      tenantId,
      id: recordId,
      patientId: id,
      authorId,
      kind,
      recordedAt,
      createdAt: recordedAt,
      updatedAt: recordedAt,
    });
  }
  rows.appointments.push(makeVisit(world, id, clinicians, -7 * number), makeVisit(world, id, clinicians, number));
  addAccount(world, rows, id);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Makes a visit at nine o'clock, `days` days from now. A visit in the past is finished, a later visit is booked. */
function makeVisit(
  world: World,
  patientId: string,
  clinicians: UserRow[],
  days: number,
): Prisma.AppointmentCreateManyInput {
  const startsAt = new Date(toDay(addDays(world.now, days)).getTime() + 9 * 3_600_000);
  const createdAt = addDays(startsAt, -21);
  const minutes = (count: number) => new Date(startsAt.getTime() + count * 60_000);
  const past = days < 0;
  return {
    tenantId: world.tenantId,
    id: world.id('appointment', createdAt),
    patientId,
    clinicianId: world.pick(clinicians).id,
    department: world.pick(departments),
    status: past ? 'finished' : 'booked',
    startsAt,
    endsAt: minutes(30),
    arrivedAt: past ? minutes(-world.faker.number.int({ min: 2, max: 15 })) : null,
    startedAt: past ? minutes(world.faker.number.int({ min: 0, max: 20 })) : null,
    finishedAt: past ? minutes(world.faker.number.int({ min: 21, max: 50 })) : null,
    createdAt,
    updatedAt: createdAt,
  };
}

/** Adds an account whose balance is the sum of its charges and payments. */
function addAccount(world: World, rows: CareRows, patientId: string) {
  const { tenantId, faker } = world;
  const createdAt = world.daysAgo(90, 60);
  const accountId = world.id('account', createdAt);
  const entries = Array.from({ length: 4 }, (_, index): Prisma.LedgerEntryCreateManyInput & { amount: number } => {
    const occurredAt = addDays(createdAt, index * 10);
    const kind = index % 2 === 0 ? 'charge' : 'payment';
    const amount = faker.number.int({ min: 20, max: 90 }) * (kind === 'charge' ? 1 : -1);
    const id = world.id('entry', occurredAt);
    return { tenantId, id, accountId, kind, amount, idempotencyKey: `seed-${id}`, occurredAt, createdAt: occurredAt };
  });
  const balance = entries.reduce((sum, { amount }) => sum + amount, 0);
  const version = entries.length;
  rows.accounts.push({ tenantId, id: accountId, patientId, balance, version, createdAt, updatedAt: createdAt });
  rows.ledgerEntries.push(...entries);
}
