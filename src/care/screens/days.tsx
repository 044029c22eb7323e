/** The visits of a day, of one department or of all. Like the operation, the list has ids and no names of patients. */
import { Choice, Table } from '../../platform/pages/index.ts';
import { dayIn } from '../../platform/rest/index.ts';
import type { PatientAppointments } from '../appointments/schema.ts';
import { at } from './addresses.ts';
import { departmentsOf, namesOf, zoneOf } from './facts.ts';
import { Badge, STATUS } from './show.tsx';
import type { Screen } from './visit.ts';

export const daysScreen: Screen = {
  path: at.days(),
  async show(visit) {
    const { c, api, now } = visit;
    const zone = await zoneOf(visit);
    const day = c.req.query('day') || dayIn(zone, now);
    const department = c.req.query('department') || undefined;
    const search = new URLSearchParams({ day, ...(department === undefined ? {} : { department }) });
    const [{ items, hasMore }, departments] = await Promise.all([
      api.get<PatientAppointments>(`/care/appointments?${search}`),
      departmentsOf(visit),
    ]);
    const nameOf = await namesOf(
      visit,
      items.map(({ clinicianId }) => clinicianId),
    );
    return {
      title: 'Visits',
      heading: `Visits of ${day}`,
      content: (
        <>
          <form method="get" action={at.days()} class="panel filters">
            <label>
              Day in {zone}
              <input type="date" name="day" required value={day} />
            </label>
            <Choice name="department" label="Department" all="All" values={departments} chosen={department} />
            <button type="submit" class="usual">
              Show
            </button>
          </form>
          {items.length === 0 ? (
            <p class="empty">The day has no visits.</p>
          ) : (
            <Table
              caption="Visits in the order of their times"
              columns={['Time', 'Status', 'Ticket', 'Department', 'Clinician']}
            >
              {items.map(({ id, localStart, status, ticket, department: of, clinicianId }) => (
                <tr>
                  <th scope="row">
                    <a href={at.appointment(id)}>{localStart.slice(11)}</a>
                  </th>
                  <td>
                    <Badge state={status} text={STATUS[status]} />
                  </td>
                  <td class="ticket">{ticket}</td>
                  <td>{of}</td>
                  <td>{nameOf(clinicianId)}</td>
                </tr>
              ))}
            </Table>
          )}
          {hasMore && <p class="note">The day has more visits: choose a department.</p>}
        </>
      ),
    };
  },
};
