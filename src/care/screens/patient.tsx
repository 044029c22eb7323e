/** The data of a patient, and the visits with their next steps. */
import { ProblemError } from '../../platform/http/index.ts';
import { Fact, Table } from '../../platform/pages/index.ts';
import type { PatientAppointments } from '../appointments/schema.ts';
import { at } from './addresses.ts';
import { may } from './api.ts';
import { namesOf } from './facts.ts';
import { Moved, Moves } from './moves.tsx';
import { patientId, patientPage, readPatient } from './patient-frame.tsx';
import { Badge, STATUS, Stamp } from './show.tsx';
import type { Screen, Visit } from './visit.ts';

export const patientScreen: Screen = {
  path: at.patient(':id'),
  async show(visit) {
    const { api, me } = visit;
    const id = patientId(visit);
    const [patient, visits] = await Promise.all([
      readPatient(visit, id),
      may(me, 'care:flow:read')
        ? api.get<PatientAppointments>(`/care/patients/${encodeURIComponent(id)}/appointments`)
        : null,
    ]);
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
        <dl class="facts">
          <Fact name="Address">{contact.address ?? '–'}</Fact>
          {visits && (
            <>
              <Fact name="Phone">{contact.phone ?? '–'}</Fact>
              <Fact name="E-mail">{contact.email ?? '–'}</Fact>
            </>
          )}
          <Fact name="Changed last">
            <Stamp at={updatedAt} />
          </Fact>
        </dl>
        {visits && <Visits visit={visit} id={id} visits={visits} />}
      </>,
    );
  },
};

async function Visits({ visit, id, visits }: { visit: Visit; id: string; visits: PatientAppointments }) {
  const { c, me, now } = visit;
  const { items, hasMore } = visits;
  const nameOf = await namesOf(
    visit,
    items.map(({ clinicianId }) => clinicianId),
  );
  const back = at.patient(id);
  const about = ({ localStart }: { localStart: string }) => `the visit of ${localStart.replace('T', ' ')}`;
  return (
    <>
      <h2>Visits</h2>
      <Moved
        {...{ c, now, back }}
        find={(moved) => {
          const item = items.find((each) => each.id === moved);
          return item && { id: moved, status: item.status, about: about(item) };
        }}
      />
      {items.length === 0 ? (
        <p class="empty">The patient has no visit.</p>
      ) : (
        <Table
          caption="Visits, the last ones first"
          columns={['Time', 'Status', 'Department', 'Clinician', 'Next step']}
        >
          {items.map((item) => (
            <tr>
              <th scope="row">
                <a href={at.appointment(item.id)}>{item.localStart.replace('T', ' ')}</a>
              </th>
              <td>
                <Badge state={item.status} text={STATUS[item.status]} />
              </td>
              <td>
                <a href={at.board(item.department)}>{item.department}</a>
              </td>
              <td>{nameOf(item.clinicianId)}</td>
              <td>
                <Moves visit={{ ...item, about: about(item) }} {...{ me, back }} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      {hasMore && <p class="soft">The patient has earlier visits too.</p>}
    </>
  );
}
