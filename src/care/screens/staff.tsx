/** The departments of the nurses: a nurse reads and writes notes of the patients of these departments. */
import type { ProblemError } from '../../platform/http/index.ts';
import { Hidden, Table } from '../../platform/pages/index.ts';
import { at } from './addresses.ts';
import { colleaguesOf } from './facts.ts';
import { orRefusal, Refusal, statusOf } from './refusal.tsx';
import type { Action, Page, Screen, Visit } from './visit.ts';

/** The answer of `GET /care/staff`. */
interface Staff {
  items: { userId: string; departments: string[] }[];
}

export const staffScreen: Screen = {
  path: at.staff,
  show: (visit) => page(visit),
};

async function page(visit: Visit, problem?: ProblemError): Promise<Page> {
  const { api, c, fields } = visit;
  const { items } = await api.get<Staff>('/care/staff');
  const nurses = await colleaguesOf(visit, ['nurse']);
  const linesOf = (id: string) => items.find(({ userId }) => userId === id)?.departments.join('\n');
  const refused = problem && c.req.param('userId');
  const content = (
    <>
      <p>A nurse reads and writes notes of the patients who have a visit in these departments within 7 days.</p>
      {problem && <Refusal problem={problem} names={{ userId: 'Nurse', departments: 'Departments' }} />}
      {nurses.length === 0 ? (
        <p class="empty">The clinic has no nurses.</p>
      ) : (
        <Table caption="Nurses" columns={['Name', 'Departments, one in each line']}>
          {nurses.map(({ id, name }) => (
            <tr>
              <th scope="row">{name}</th>
              <td>
                <form method="post" action={at.staffOf(id)} class="stack">
                  <Hidden fields={{ back: at.staff }} />
                  <textarea name="departments" rows={3} aria-label={`Departments: ${name}`}>
                    {refused === id ? fields['departments'] : linesOf(id)}
                  </textarea>
                  <button type="submit" aria-label={`Save: ${name}`}>
                    Save
                  </button>
                </form>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
  return { title: 'Nurses', content, ...(problem ? { status: statusOf(problem) } : {}) };
}

/** Replaces the departments of a nurse. A form that is sent twice changes nothing. */
export const setDepartments: Action = {
  path: at.staffOf(':userId'),
  async act(visit) {
    const lines = (visit.fields['departments'] ?? '').split('\n').map((line) => line.trim());
    const userId = encodeURIComponent(visit.c.req.param('userId') ?? '');
    const departments = lines.filter((line) => line !== '');
    const done = await orRefusal(['NO_SUCH_REFERENCE'], () => visit.api.put(`/care/staff/${userId}`, { departments }));
    return done instanceof Error ? page(visit, done) : at.staff;
  },
};
