/** One visit: its patient, its times, and the next steps of its flow. */
import { Fact } from '../../platform/pages/index.ts';
import type { Appointment } from '../appointments/schema.ts';
import { at } from './addresses.ts';
import { namesOf } from './facts.ts';
import { Move, Moves, mayMove } from './moves.tsx';
import { patientPage, readPatient } from './patient-frame.tsx';
import { Badge, STATUS, Stamp } from './show.tsx';
import type { Screen } from './visit.ts';

/** The times of the steps, as the page names them. */
const TIMES = [
  ['Arrived', 'arrivedAt'],
  ['To the room', 'roomedAt'],
  ['Begun', 'startedAt'],
  ['Finished', 'finishedAt'],
  ['Ended', 'endedAt'],
] as const;

export const appointmentScreen: Screen = {
  path: at.appointment(':id'),
  async show(visit) {
    const { c, api, me, now } = visit;
    const path = `/care/appointments/${encodeURIComponent(c.req.param('id') ?? '')}`;
    const found = await api.get<Appointment>(path);
    const { id, patientId, clinicianId, department, status, ticket, localStart, startsAt, endsAt, reason } = found;
    const [patient, nameOf] = await Promise.all([readPatient(visit, patientId), namesOf(visit, [clinicianId])]);
    const moving = { id, status, clinicianId, about: `the visit of ${localStart.replace('T', ' ')}` };
    const back = at.appointment(id);
    const canUndo = found.undoUntil !== null && now < Date.parse(found.undoUntil) && mayMove(me, clinicianId);
    const minutes = (Date.parse(endsAt) - Date.parse(startsAt)) / 60_000;
    return patientPage(
      visit,
      patient,
      'Visit',
      <>
        <h2>
          Visit of {localStart.replace('T', ' ')} <Badge state={status} text={STATUS[status]} />
        </h2>
        <dl class="facts">
          <Fact name="Clinician">{nameOf(clinicianId)}</Fact>
          <Fact name="Department">
            <a href={at.board(department)}>{department}</a>
          </Fact>
          <Fact name="Length">{`${minutes} min`}</Fact>
          <Fact name="Ticket">
            <span class="ticket">{ticket}</span>
          </Fact>
          <Fact name="Reason">{reason ?? '–'}</Fact>
          {TIMES.map(([name, column]) => {
            const time = found[column];
            return time !== null && <Fact name={name}>{<Stamp at={time} />}</Fact>;
          })}
        </dl>
        <Moves visit={moving} {...{ me, back }} />
        {canUndo && <Move visit={moving} move="undo" back={back} />}
      </>,
      patientId,
    );
  },
};
