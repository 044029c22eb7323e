/** The form of a new visit. Its time is the local time of the clinic; a time that is taken is refused with a sentence. */
import type { ProblemError } from '../../platform/http/index.ts';
import { Hidden } from '../../platform/pages/index.ts';
import type { Appointment } from '../appointments/schema.ts';
import { at } from './addresses.ts';
import { requireRight } from './api.ts';
import { colleaguesOf, departmentsOf, zoneOf } from './facts.ts';
import { patientId, patientPage, readPatient } from './patient-frame.tsx';
import { orRefusal, Refusal, statusOf } from './refusal.tsx';
import type { Action, Page, Screen, Visit } from './visit.ts';

/** The usual length of a visit, in minutes. */
const USUAL_MINUTES = '20';

/** The fields, as the page names them. */
const NAMES = {
  ...{ clinicianId: 'Clinician', department: 'Department', start: 'Time', repeated: 'Which one', minutes: 'Minutes' },
  reason: 'Reason',
} as const;

export const bookingScreen: Screen = {
  path: at.booking(':id'),
  show: (visit) => page(visit),
};

export const bookVisit: Action = {
  path: at.booking(':id'),
  async act(visit) {
    const { clinicianId, department, start, repeated = '', minutes = '', reason = '', key } = visit.fields;
    const booking = {
      ...{ patientId: patientId(visit), clinicianId, department, start, minutes: Number(minutes) },
      ...(repeated === '' ? {} : { repeated }),
      ...(reason.trim() === '' ? {} : { reason }),
    };
    const booked = await orRefusal(['APPOINTMENTS_OVERLAP', 'NO_SUCH_REFERENCE'], () =>
      visit.api.post<Appointment>('/care/appointments', booking, key),
    );
    return booked instanceof Error ? page(visit, booked) : at.appointment(booked.id);
  },
};

async function page(visit: Visit, problem?: ProblemError): Promise<Page> {
  requireRight(visit.me, 'care:flow:write');
  const id = patientId(visit);
  const [patient, clinicians, departments, zone] = await Promise.all([
    readPatient(visit, id),
    colleaguesOf(visit, ['clinician']),
    departmentsOf(visit),
    zoneOf(visit),
  ]);
  const { c, fields } = visit;
  const content = (
    <form method="post" action={at.booking(id)} class="panel stack" aria-label="New visit">
      {problem && <Refusal problem={problem} names={NAMES} />}
      <Hidden fields={{ key: c.var.scope.system.token(), back: at.patient(id) }} />
      <label>
        {NAMES.clinicianId}
        <select name="clinicianId" required>
          {clinicians.map((each) => (
            <option value={each.id} selected={each.id === fields['clinicianId']}>
              {each.name}
            </option>
          ))}
        </select>
      </label>
      <label>
        {NAMES.department}
        <input
          name="department"
          list="departments"
          required
          maxlength={80}
          autocomplete="off"
          value={fields['department'] ?? ''}
        />
        <datalist id="departments">
          {departments.map((department) => (
            <option value={department}></option>
          ))}
        </datalist>
      </label>
      <label>
        {NAMES.start} in {zone}
        <input type="datetime-local" name="start" required value={fields['start'] ?? ''} />
      </label>
      <label>
        {NAMES.minutes}
        <input type="number" name="minutes" required min={5} max={480} value={fields['minutes'] ?? USUAL_MINUTES} />
      </label>
      <label>
        {NAMES.reason}, for the clinician
        <input name="reason" maxlength={500} autocomplete="off" value={fields['reason'] ?? ''} />
      </label>
      <label>
        If the clocks show the time twice on that day
        <select name="repeated">
          <option value="">The first one</option>
          <option value="second" selected={fields['repeated'] === 'second'}>
            The second one
          </option>
        </select>
      </label>
      <button type="submit" class="usual">
        Book
      </button>
    </form>
  );
  const shown = patientPage(visit, patient, 'New visit', content);
  return problem ? { ...shown, status: statusOf(problem) } : shown;
}
