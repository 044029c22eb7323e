/** The search for a patient. Its form is a POST, so names and numbers are in no address; its answer is the page itself. */

import { ProblemError } from '../../platform/http/index.ts';
import { Table } from '../../platform/pages/index.ts';
import type { FoundPatients } from '../patients/schema.ts';
import { MOST_FOUND } from '../patients/schema.ts';
import { at } from './addresses.ts';
import { may } from './api.ts';
import type { Action, Page, Screen, Visit } from './visit.ts';

export const patientsScreen: Screen = {
  path: at.patients,
  show: async (visit) => page(visit),
};

/** Searches for patients, or opens the page with the accesses to the records of one patient, whose id was typed. */
export const findPatients: Action = {
  path: at.patients,
  async act(visit) {
    const { api, fields } = visit;
    const { number = '', name = '', birthYear = '', id = '' } = fields;
    if (id.trim() !== '') return at.accesses(id.trim());
    const search = {
      ...(number.trim() === '' ? {} : { number: number.trim() }),
      ...(name.trim() === '' ? {} : { name: name.trim() }),
      ...(birthYear.trim() === '' ? {} : { birthYear: Number(birthYear) }),
    };
    return page(visit, await api.post<FoundPatients>('/care/patients/search', search));
  },
};

/** Throws for callers who may neither search for patients nor see accesses. */
function page({ me, fields }: Visit, found?: FoundPatients): Page {
  const canSearch = may(me, 'care:patients:read');
  const canSeeAccesses = may(me, 'care:audit:read');
  if (!canSearch && !canSeeAccesses) {
    throw new ProblemError(403, 'NOT_ALLOWED', 'This needs the right care:patients:read');
  }
  return {
    title: canSearch ? 'Patients' : 'Accesses',
    content: (
      <>
        {canSearch && (
          <form method="post" action={at.patients} class="panel filters">
            <label>
              Number
              <input name="number" value={fields['number'] ?? ''} maxlength={40} autocomplete="off" />
            </label>
            <span class="or">or</span>
            <label>
              Name, whole words
              <input name="name" value={fields['name'] ?? ''} maxlength={200} autocomplete="off" spellcheck={false} />
            </label>
            <label>
              Year of birth
              <input
                name="birthYear"
                value={fields['birthYear'] ?? ''}
                inputmode="numeric"
                pattern="\d{4}"
                size={6}
                autocomplete="off"
              />
            </label>
            <button type="submit" class="usual">
              Search
            </button>
          </form>
        )}
        {canSeeAccesses && (
          <form method="post" action={at.patients} class="panel filters">
            <label>
              Id of a patient
              <input name="id" required maxlength={64} autocomplete="off" spellcheck={false} size={36} />
            </label>
            <button type="submit" class="usual">
              Show the accesses
            </button>
          </form>
        )}
        {found && <Found found={found} />}
      </>
    ),
  };
}

function Found({ found: { items, isComplete } }: { found: FoundPatients }) {
  if (items.length === 0) {
    return (
      <p class="empty" role="status">
        No patient matches. Parts of words are not found.
      </p>
    );
  }
  return (
    <>
      {!isComplete && (
        <p class="note" role="status">
          The first {MOST_FOUND} patients. More of them match: add the year of birth.
        </p>
      )}
      <Table caption="Patients" columns={['Name', 'Number', 'Born']}>
        {items.map(({ id, name, number, birth }) => (
          <tr>
            <th scope="row">
              <a href={at.patient(id)}>{name}</a>
            </th>
            <td>{number}</td>
            <td>{birth}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}
