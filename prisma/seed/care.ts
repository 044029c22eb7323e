/**
 * Care records of invented patients. The patients have numbers instead of names, which shows that they are invented.
 * Sensitive columns are sealed with the given sealing, so that an application with its own key can read the rows.
 */
import type { Prisma } from '#prisma';
import { makeClinicDay, ticketOf } from './clinic-day.ts';
import { addEntry, type LedgerRows } from './ledger.ts';
import type { UserRow } from './people.ts';
import type { Sealing } from './sealing.ts';
import { addDays, toDay, type World } from './world.ts';

export interface CareRows extends LedgerRows {
  patients: Prisma.PatientCreateManyInput[];
  medicalRecords: Prisma.MedicalRecordCreateManyInput[];
  recordVersions: Prisma.MedicalRecordVersionCreateManyInput[];
  appointments: Prisma.AppointmentCreateManyInput[];
}

const departments = ['General practice', 'Cardiology', 'Physiotherapy'];
const recordKinds = ['note', 'diagnosis', 'prescription', 'result'] as const;

/** The size of a clinic: its patients, and whether they have visits today. */
export interface ClinicSize {
  patients: number;
  currency: string;
  isOpen: boolean;
}

export async function makeCare(
  world: World,
  clinicians: UserRow[],
  size: ClinicSize,
  sealing: Sealing,
): Promise<CareRows> {
  const records = { medicalRecords: [], recordVersions: [] };
  const ledger = { accounts: [], ledgerTransactions: [], postings: [] };
  const rows: CareRows = { currency: size.currency, patients: [], ...records, appointments: [], ...ledger };
  for (let number = 1; number <= size.patients; number++) await addPatient(world, rows, clinicians, number, sealing);
  if (size.isOpen) rows.appointments.push(...makeClinicDay(world, rows.patients, clinicians));
  return rows;
}

/** Makes the places of the nurses: in a small clinic, each nurse works in every department. */
export function makeDepartmentMembers(
  users: readonly UserRow[],
  createdAt: Date,
): Prisma.DepartmentMemberCreateManyInput[] {
  const nurses = users.filter(({ role }) => role === 'nurse');
  return nurses.flatMap(({ tenantId, id: userId }) =>
    departments.map((department) => ({ tenantId, userId, department, createdAt })),
  );
}

async function addPatient(world: World, rows: CareRows, clinicians: UserRow[], number: number, sealing: Sealing) {
  const { tenantId } = world;
  const seal = (text: string, where: string) => sealing.seal(text, where, tenantId);
  const digest = (text: string, kind: Parameters<Sealing['digest']>[1]) => sealing.digest(text, kind, tenantId);
  const createdAt = world.daysAgo(300, 100);
  const times = { createdAt, updatedAt: createdAt };
  const id = world.id('patient', createdAt);
  const recordNumber = `TEST-${String(number).padStart(4, '0')}`;
  rows.patients.push({
    tenantId,
    id,
    numberDigest: await digest(recordNumber, 'number'),
    birthYearDigest: await digest(`19${50 + number}`, 'birth-year'),
    nameTokens: await Promise.all(['test', 'patient', String(number)].map((word) => digest(word, 'name-token'))),
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
  const id = world.id('appointment', createdAt);
  return {
    tenantId: world.tenantId,
    id,
    ticket: ticketOf(id),
    patientId,
    clinicianId: world.pick(clinicians).id,
    department: world.pick(departments),
    status: past ? 'finished' : 'booked',
    startsAt,
    endsAt: minutes(30),
    arrivedAt: past ? minutes(-world.faker.number.int({ min: 2, max: 15 })) : null,
    roomedAt: past ? startsAt : null,
    startedAt: past ? minutes(world.faker.number.int({ min: 0, max: 20 })) : null,
    finishedAt: past ? minutes(world.faker.number.int({ min: 21, max: 50 })) : null,
    createdAt,
    updatedAt: createdAt,
  };
}

/** Adds an account of the patient, and the charges and payments of some weeks. */
function addAccount(world: World, rows: CareRows, patientId: string) {
  const { tenantId } = world;
  const createdAt = world.daysAgo(90, 60);
  const id = world.id('account', createdAt);
  const code = `patient:${patientId}`;
  const times = { createdAt, updatedAt: createdAt };
  rows.accounts.push({ tenantId, id, patientId, code, currency: rows.currency, ...times });
  const legs = Array.from({ length: 4 }, (_, index) => ({
    kind: index % 2 === 0 ? ('charge' as const) : ('payment' as const),
    amount: world.faker.number.int({ min: 20, max: 90 }),
    at: addDays(createdAt, index * 10),
  }));
  for (const leg of legs) addEntry(world, rows, id, leg);
}
