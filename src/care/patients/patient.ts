/** Converts a patient between the sealed row and the form of answers. */
import {
  birthYearDigests,
  nameDigests,
  numberDigests,
  openColumn,
  type Sealing,
  sealColumn,
} from '../sealing/columns.ts';
import type { NewPatient, Patient } from './schema.ts';

/** The columns of a patient. */
export interface PatientRow {
  id: string;
  sealedNumber: string;
  sealedName: string;
  sealedBirth: string;
  sealedContact: string | null;
  mergedInto: string | null;
  createdAt: Date;
  updatedAt: Date;
}

type Contact = Patient['contact'];
const NO_CONTACT: Contact = { address: null, phone: null, email: null };

/** Opens a row. */
export async function openPatient(services: Sealing, row: PatientRow): Promise<Patient> {
  const { id, mergedInto, createdAt, updatedAt } = row;
  const [who, contact] = await Promise.all([
    openWho(services, row),
    row.sealedContact === null ? null : openColumn(services, 'patients.sealed_contact', id, row.sealedContact),
  ]);
  return {
    ...who,
    contact: contact === null ? NO_CONTACT : (JSON.parse(contact) as Contact),
    mergedInto,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

/** Opens the parts of a row that say who the patient is. */
export async function openWho(
  services: Sealing,
  {
    id,
    sealedNumber,
    sealedName,
    sealedBirth,
  }: Omit<PatientRow, 'sealedContact' | 'mergedInto' | 'createdAt' | 'updatedAt'>,
): Promise<Pick<Patient, 'id' | 'number' | 'name' | 'birth'>> {
  const [number, name, birth] = await Promise.all([
    openColumn(services, 'patients.sealed_number', id, sealedNumber),
    openColumn(services, 'patients.sealed_name', id, sealedName),
    openColumn(services, 'patients.sealed_birth', id, sealedBirth),
  ]);
  return { id, number, name, birth };
}

/** Seals a patient, and returns the columns with the digests by which searches find it. */
export async function sealPatient(services: Sealing, id: string, patient: NewPatient) {
  const { number, name, birth, address = null, phone = null, email = null } = patient;
  const contact = JSON.stringify({ address, phone, email } satisfies Contact);
  const [[numberDigest = ''], [birthYearDigest = ''], words, ...sealed] = await Promise.all([
    numberDigests(services, number),
    birthYearDigests(services, birth.slice(0, 4)),
    nameDigests(services, name),
    sealColumn(services, 'patients.sealed_number', id, number),
    sealColumn(services, 'patients.sealed_name', id, name),
    sealColumn(services, 'patients.sealed_birth', id, birth),
    sealColumn(services, 'patients.sealed_contact', id, contact),
  ]);
  const [sealedNumber, sealedName, sealedBirth, sealedContact] = sealed;
  const nameTokens = words.map(([digest = '']) => digest);
  return { numberDigest, birthYearDigest, nameTokens, sealedNumber, sealedName, sealedBirth, sealedContact };
}
