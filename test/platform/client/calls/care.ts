/** Calls the operations of the care area. */
import { randomBytes } from 'node:crypto';
import type { InputOf } from '../../../../clients/typescript/src/index.ts';
import type { ClientWorld } from '../world.ts';

const DEPARTMENT = 'General practice';

export async function callCare(world: ClientWorld): Promise<void> {
  const { reception, clinician, nurse, care_auditor: auditor } = world.staff;
  const userId = world.idOf('clinician');
  const addPatient = () =>
    reception.patients.create({
      body: { number: `N-${randomBytes(6).toString('hex')}`, name: 'Ada Marker', birth: '1951-12-10' },
    });
  const { id } = await addPatient();
  await reception.patients.search({ body: { name: 'Marker', birthYear: 1951 } });
  await reception.patients.get({ id });
  await reception.patients.update({ id, body: { phone: '+49 1' } });
  await reception.patients.merge({ id, body: { duplicateId: (await addPatient()).id } });

  await reception.careTeams.set({ id, userId, body: {} });
  await reception.careTeams.list({ id });
  await reception.careStaff.set({ userId: world.idOf('nurse'), body: { departments: [] } });
  await reception.careStaff.list();
  await reception.patientAppointments.list({ id });
  const consent = await reception.consents.create({ id, body: { decision: 'permit', recordClass: 'normal' } });
  await reception.consents.list({ id });
  await reception.consents.revoke({ id, consentId: consent.id });

  const { records, patientExports } = clinician;
  const record = await records.create({ id, body: { kind: 'note', text: 'Rest' } });
  await records.list({ id });
  await records.get({ id, recordId: record.id });
  await records.amend({ id, recordId: record.id, body: { version: 1, text: 'Rest, and tea' } });
  const exported = await patientExports.create({ id });
  await world.advance(5_000);
  await patientExports.get({ id, exportId: exported.id });
  await patientExports.download({ id, exportId: exported.id });

  const doctor = await world.clientOf('doctor', 'clinician');
  const emergency = await doctor.breakGlass.start({
    id,
    body: { reason: 'Found unconscious', purpose: 'ETREAT', recordClass: 'restricted' },
  });
  await clinician.breakGlass.confirm({ id: emergency.id });
  await auditor.breakGlass.list();
  await auditor.breakGlass.review({ id: emergency.id, body: { verdict: 'justified' } });
  await auditor.patientAccesses.list({ id });
  await reception.careTeams.remove({ id, userId });

  await callVisits(world, id);
  await callLedger(world, id);
  await nurse.board.get({ department: DEPARTMENT });
  await nurse.board.getHallway({ department: DEPARTMENT });
}

async function callVisits({ staff, idOf }: ClientWorld, patientId: string): Promise<void> {
  const { appointments } = staff.reception;
  let hour = 8;
  const book = async () => {
    hour += 1;
    const start = `2027-03-01T${String(hour).padStart(2, '0')}:00`;
    const body = { patientId, clinicianId: idOf('clinician'), department: DEPARTMENT, start, minutes: 20 };
    return (await appointments.create({ body })).id;
  };
  type Status = InputOf<'appointments.cancel'>['body']['expected'];
  const at = (id: string, expected: Status) => ({ id, body: { expected } });

  const seen = await book();
  await appointments.list({ day: '2027-03-01' });
  await appointments.get({ id: seen });
  await appointments.markArrived(at(seen, 'booked'));
  await appointments.undo(at(seen, 'arrived'));
  await appointments.markArrived(at(seen, 'booked'));
  await appointments.markRoomed(at(seen, 'arrived'));
  await appointments.markStarted(at(seen, 'in_room'));
  await appointments.markFinished(at(seen, 'with_clinician'));
  await appointments.cancel(at(await book(), 'booked'));
  await appointments.markMissed(at(await book(), 'booked'));
  const left = await book();
  await appointments.markArrived(at(left, 'booked'));
  await appointments.markLeft(at(left, 'arrived'));
}

async function callLedger({ staff }: ClientWorld, patientId: string): Promise<void> {
  const { careAccounts, ledgerEntries, ledger } = staff.biller;
  const { id } = await careAccounts.create({ id: patientId });
  await careAccounts.list({ id: patientId });
  await careAccounts.get({ id });
  const posted = await ledgerEntries.create({ id, body: { kind: 'charge', amount: '120.50', memo: 'Visit' } });
  await ledgerEntries.list({ id });
  await ledger.get();
  await ledger.reverse({ id: posted.id, body: {} });
}
