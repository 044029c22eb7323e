/** The records of a patient, and the form of a new one. */
import { Hidden, Table } from '../../platform/pages/index.ts';
import type { Page as RecordPage } from '../../platform/rest/index.ts';
import { type ListedRecord, recordKinds } from '../records/schema.ts';
import { recordClasses } from '../relations/access.ts';
import { at } from './addresses.ts';
import { may } from './api.ts';
import { Closed, refusalOf } from './closed.tsx';
import { namesOf } from './facts.ts';
import { patientId, patientPage, readPatient } from './patient-frame.tsx';
import { Badge, minutes, Stamp } from './show.tsx';
import type { Screen } from './visit.ts';

/** A page of records, as `GET /care/patients/{id}/records` answers. */
type Records = RecordPage<ListedRecord> & { emergencyUntil: string | null };

export const recordsScreen: Screen = {
  path: at.records(':id'),
  async show(visit) {
    const { c, api, me, now } = visit;
    const id = patientId(visit);
    const cursor = c.req.query('cursor');
    const search = cursor ? `?${new URLSearchParams({ cursor })}` : '';
    const [patient, records] = await Promise.all([
      readPatient(visit, id),
      api.get<Records>(`/care/patients/${encodeURIComponent(id)}/records${search}`).catch(refusalOf),
    ]);
    if (records instanceof Error) {
      return { ...patientPage(visit, patient, 'Records', <Closed id={id} refusal={records} />), status: 403 };
    }
    const nameOf = await namesOf(
      visit,
      records.items.map(({ authorId }) => authorId),
    );
    return patientPage(
      visit,
      patient,
      'Records',
      <>
        <Emergency until={records.emergencyUntil} now={now} />
        {records.items.length === 0 ? (
          <p class="empty">No record that you may see.</p>
        ) : (
          <Table caption="Records, the newest first" columns={['Kind', 'Recorded', 'By', 'Versions']}>
            {records.items.map(({ id: recordId, kind, recordClass, authorId, version, recordedAt }) => (
              <tr>
                <th scope="row">
                  <a href={at.record(id, recordId)}>{KINDS[kind]}</a>{' '}
                  {recordClass === 'restricted' && <Badge state="restricted" />}
                </th>
                <td>
                  <Stamp at={recordedAt} />
                </td>
                <td>{nameOf(authorId)}</td>
                <td class="number">{version}</td>
              </tr>
            ))}
          </Table>
        )}
        {records.nextCursor !== null && (
          <p>
            <a rel="next" href={at.records(id, records.nextCursor)}>
              Older records
            </a>
          </p>
        )}
        {may(me, 'care:records:write') && (
          <NewRecord id={id} token={c.var.scope.system.token()} all={may(me, 'care:records:all')} />
        )}
      </>,
    );
  },
};

/** The kinds of records, as pages name them. */
export const KINDS: Readonly<Record<ListedRecord['kind'], string>> = {
  ...{ note: 'Note', diagnosis: 'Diagnosis', prescription: 'Prescription', result: 'Result' },
};

/** Says how long the caller's access in an emergency is open. `until` is ISO 8601. */
export function Emergency({ until, now }: { until: string | null; now: number }) {
  if (until === null) return null;
  return (
    <p class="problem" role="status">
      <b>Access in an emergency.</b> The records are open for{' '}
      <b data-until={until}>{minutes(Date.parse(until) - now)}</b> more. Each read is in the audit trail as emergency
      treatment.
    </p>
  );
}

function NewRecord({ id, token, all }: { id: string; token: string; all: boolean }) {
  return (
    <details class="panel">
      <summary>New record</summary>
      <form method="post" action={at.records(id)} class="stack">
        <Hidden fields={{ key: token, back: at.records(id) }} />
        <label>
          Kind
          <select name="kind">
            {recordKinds.map((kind) => (all || kind === 'note') && <option value={kind}>{KINDS[kind]}</option>)}
          </select>
        </label>
        <label>
          Class
          <select name="recordClass">
            {recordClasses.map((each) => (
              <option value={each}>{each}</option>
            ))}
          </select>
        </label>
        <label>
          Text
          <textarea name="text" rows={5} required maxlength={20_000}></textarea>
        </label>
        <button type="submit" class="usual">
          Save
        </button>
      </form>
    </details>
  );
}
