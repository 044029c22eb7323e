/** The care team of a patient: who cares for the patient without a visit, and the end of each place. */
import { daySchema, type ProblemError } from '../../platform/http/index.ts';
import { Hidden, Table } from '../../platform/pages/index.ts';
import { addDays, startOfDay } from '../../platform/rest/index.ts';
import { at } from './addresses.ts';
import { colleaguesOf, namesOf, zoneOf } from './facts.ts';
import { patientId, patientPage, readPatient } from './patient-frame.tsx';
import { orRefusal, Refusal, statusOf } from './refusal.tsx';
import { Badge, Stamp } from './show.tsx';
import type { Action, Page, Screen, Visit } from './visit.ts';

/** The answer of `GET /care/patients/{id}/team`. */
interface Team {
  items: { userId: string; until: string | null }[];
}

/** The path of an operation on the team. */
function operation(id: string, ...parts: string[]): string {
  return ['/care/patients', encodeURIComponent(id), 'team', ...parts.map(encodeURIComponent)].join('/');
}

export const teamScreen: Screen = {
  path: at.team(':id'),
  show: (visit) => page(visit),
};

async function page(visit: Visit, problem?: ProblemError): Promise<Page> {
  const { api, now, fields } = visit;
  const id = patientId(visit);
  const [patient, { items }] = await Promise.all([readPatient(visit, id), api.get<Team>(operation(id))]);
  const [colleagues, nameOf] = await Promise.all([
    colleaguesOf(visit, ['clinician', 'nurse']),
    namesOf(
      visit,
      items.map(({ userId }) => userId),
    ),
  ]);
  const content = (
    <>
      {items.length === 0 ? (
        <p class="empty">The team is empty: the visits of the patient decide.</p>
      ) : (
        <Table caption="Care team" columns={['Name', 'Until', 'Actions']}>
          {items.map(({ userId, until }) => (
            <tr>
              <th scope="row">{nameOf(userId)}</th>
              <td>
                {until === null ? 'no end' : <Stamp at={until} />}{' '}
                {until !== null && Date.parse(until) <= now && <Badge state="ended" />}
              </td>
              <td>
                <form method="post" action={`${at.team(id)}/${userId}/end`}>
                  <Hidden fields={{ back: at.team(id) }} />
                  <button type="submit" aria-label={`End: ${nameOf(userId)}`}>
                    End
                  </button>
                </form>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <form method="post" action={at.team(id)} class="panel stack" aria-label="New place in the team">
        {problem && <Refusal problem={problem} names={{ userId: 'Colleague', until: 'Last day' }} />}
        <Hidden fields={{ back: at.team(id) }} />
        <label>
          Colleague
          <select name="userId" required>
            {colleagues.map((each) => (
              <option value={each.id} selected={each.id === fields['userId']}>
                {each.name}
              </option>
            ))}
          </select>
        </label>
        <label>
          Last day, or empty for no end
          <input type="date" name="until" value={fields['until'] ?? ''} />
        </label>
        <button type="submit" class="usual">
          Assign
        </button>
      </form>
    </>
  );
  const shown = patientPage(visit, patient, 'Team', content);
  return problem ? { ...shown, status: statusOf(problem) } : shown;
}

/** Assigns a colleague. The operation replaces an earlier place, so a form that is sent twice changes nothing. */
export const assign: Action = {
  path: at.team(':id'),
  async act(visit) {
    const id = patientId(visit);
    const { userId = '', until = '' } = visit.fields;
    const zone = daySchema.safeParse(until).success ? await zoneOf(visit) : null;
    // The place ends with the last day of the form.
    const end = zone === null ? until : new Date(startOfDay(addDays(until, 1), zone)).toISOString();
    const done = await orRefusal(['NO_SUCH_REFERENCE'], () =>
      visit.api.put(operation(id, userId), end === '' ? {} : { until: end }),
    );
    return done instanceof Error ? page(visit, done) : at.team(id);
  },
};

export const endPlace: Action = {
  path: `${at.team(':id')}/:userId/end`,
  async act(visit) {
    const id = patientId(visit);
    await visit.api.remove(operation(id, visit.c.req.param('userId') ?? ''));
    return at.team(id);
  },
};
