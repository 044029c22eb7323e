/** The data of a patient, and the visit from whose card the page was opened, with its next steps. */

import { ProblemError } from '../../platform/http/index.ts';
import { Fact } from '../../platform/pages/index.ts';
import type { Appointment } from '../appointments/schema.ts';
import { at } from './addresses.ts';
import { may } from './api.ts';
import { Move, Moved, Moves } from './moves.tsx';
import { patientId, patientPage, readPatient } from './patient-frame.tsx';
import { Badge, STATUS, Stamp } from './show.tsx';
import type { Screen, Visit } from './visit.ts';

export const patientScreen: Screen = {
  path: at.patient(':id'),
  async show(visit) {
    const id = patientId(visit);
    const [patient, appointment] = await Promise.all([readPatient(visit, id), readAppointment(visit)]);
    if (!patient) throw new ProblemError(403, 'NOT_ALLOWED', 'This needs the right care:patients:read');
    const { contact, mergedInto, updatedAt } = patient;
    return patientPage(
      visit,
      patient,
      'Data',
      <>
        {mergedInto !== null && (
          <p class="problem" role="alert">
            This is a duplicate. <a href={at.patient(mergedInto)}>The patient who has taken it over</a>
          </p>
        )}
        {appointment?.patientId === id && <Steps visit={visit} appointment={appointment} />}
        <dl class="facts">
          <Fact name="Address">{contact.address ?? '–'}</Fact>
          {may(visit.me, 'care:flow:read') && (
            <>
              <Fact name="Phone">{contact.phone ?? '–'}</Fact>
              <Fact name="E-mail">{contact.email ?? '–'}</Fact>
            </>
          )}
          <Fact name="Changed last">
            <Stamp at={updatedAt} />
          </Fact>
        </dl>
      </>,
    );
  },
};

/** Asks for the visit that the address names. */
async function readAppointment({ c, api, me }: Visit): Promise<Appointment | null> {
  const id = c.req.query('visit');
  if (!id || !may(me, 'care:flow:read')) return null;
  return api.get<Appointment>(`/care/appointments/${encodeURIComponent(id)}`);
}

function Steps({ visit, appointment }: { visit: Visit; appointment: Appointment }) {
  const { c, me, now } = visit;
  const { id, status, clinicianId, department, ticket, localStart, undoUntil, reason } = appointment;
  const back = at.patient(appointment.patientId, id);
  const shown = { id, status, clinicianId, about: 'the visit' };
  const canUndo = undoUntil !== null && now < Date.parse(undoUntil) && c.req.query('moved') === undefined;
  return (
    <section class="steps" aria-label="Visit">
      <h2>
        Visit <Badge state={status} text={STATUS[status]} />
      </h2>
      <Moved {...{ c, now, back }} find={(moved) => (moved === id ? { id, status, about: 'The visit' } : undefined)} />
      <dl class="facts plain">
        <Fact name="Time">{localStart.replace('T', ' ')}</Fact>
        <Fact name="Department">
          <a href={at.board(department)}>{department}</a>
        </Fact>
        <Fact name="Ticket">{ticket}</Fact>
        {reason !== null && <Fact name="Reason">{reason}</Fact>}
      </dl>
      <div class="buttons">
        <Moves visit={shown} {...{ me, back }} />
        {canUndo && may(me, 'care:flow:move') && <Move visit={shown} move="undo" back={back} />}
      </div>
    </section>
  );
}
