/** The consents of a patient: the list, the form of a new one, and the end of one. */
import { Hidden, Table } from '../../platform/pages/index.ts';
import type { Consent } from '../consents/schema.ts';
import { recordClasses } from '../relations/access.ts';
import { at } from './addresses.ts';
import { namesOf } from './facts.ts';
import { patientId, patientPage, readPatient } from './patient-frame.tsx';
import { Badge, Stamp } from './show.tsx';
import type { Action, Screen } from './visit.ts';

const operation = (id: string) => `/care/patients/${encodeURIComponent(id)}/consents`;

export const consentsScreen: Screen = {
  path: at.consents(':id'),
  async show(visit) {
    const { c, api, now } = visit;
    const id = patientId(visit);
    const [patient, { items }] = await Promise.all([
      readPatient(visit, id),
      api.get<{ items: Consent[] }>(operation(id)),
    ]);
    const nameOf = await namesOf(
      visit,
      items.flatMap(({ userId, recordedBy }) => [userId, recordedBy]),
    );
    return patientPage(
      visit,
      patient,
      'Consents',
      <>
        {items.length === 0 ? (
          <p class="empty">The patient has decided nothing: the care relation decides.</p>
        ) : (
          <Table
            caption="Consents, the newest first"
            columns={['Decision', 'Records', 'Reader', 'From', 'Until', 'Written down by', 'Actions']}
          >
            {items.map(({ id: consentId, decision, recordClass, userId, from, until, recordedBy }) => (
              <tr>
                <th scope="row">
                  <Badge state={decision} text={decision === 'permit' ? 'permits' : 'denies'} />
                </th>
                <td>{recordClass}</td>
                <td>{userId === null ? 'everyone' : nameOf(userId)}</td>
                <td>
                  <Stamp at={from} />
                </td>
                <td>{until === null ? 'no end' : <Stamp at={until} />}</td>
                <td>{nameOf(recordedBy)}</td>
                <td>
                  {(until === null || now < Date.parse(until)) && (
                    <form method="post" action={`${at.consents(id)}/${consentId}/revoke`}>
                      <button type="submit" aria-label={`Revoke: ${decision} ${recordClass}`}>
                        Revoke
                      </button>
                    </form>
                  )}
                </td>
              </tr>
            ))}
          </Table>
        )}
        <details class="panel">
          <summary>New consent</summary>
          <form method="post" action={at.consents(id)} class="stack">
            <Hidden fields={{ key: c.var.scope.system.token(), back: at.consents(id) }} />
            <label>
              Decision about everyone
              <select name="decision">
                <option value="deny">denies</option>
                <option value="permit">permits</option>
              </select>
            </label>
            <label>
              Records
              <select name="recordClass">
                {recordClasses.map((each) => (
                  <option value={each}>{each}</option>
                ))}
              </select>
            </label>
            <button type="submit" class="usual">
              Save
            </button>
          </form>
        </details>
      </>,
    );
  },
};

export const addConsent: Action = {
  path: at.consents(':id'),
  async act(visit) {
    const id = patientId(visit);
    const { decision, recordClass, key } = visit.fields;
    await visit.api.post(operation(id), { decision, recordClass }, key);
    return at.consents(id);
  },
};

export const revokeConsent: Action = {
  path: `${at.consents(':id')}/:consentId/revoke`,
  async act(visit) {
    const id = patientId(visit);
    const consentId = visit.c.req.param('consentId') ?? '';
    await visit.api.post(`${operation(id)}/${encodeURIComponent(consentId)}/revoke`);
    return at.consents(id);
  },
};
