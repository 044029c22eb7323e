/** Everyone who looked at a patient, or tried to: the accounting of disclosures of 45 CFR 164.528. */
import { Table } from '../../platform/pages/index.ts';
import { at } from './addresses.ts';
import { namesOf } from './facts.ts';
import { patientId, patientPage, readPatient } from './patient-frame.tsx';
import { Badge, Stamp } from './show.tsx';
import type { Screen } from './visit.ts';

/** The answer of `GET /care/patients/{id}/accesses`. */
interface Accesses {
  items: {
    id: string;
    at: string;
    actorType: string;
    actorId: string | null;
    action: string;
    outcome: string;
    purpose: string | null;
    entityType: string;
    entityId: string | null;
  }[];
  nextCursor: string | null;
}

/** The purposes of HL7 PurposeOfUse that reads have. */
const PURPOSES: Readonly<Record<string, string>> = { TREAT: 'treatment', ETREAT: 'emergency treatment' };

export const accessesScreen: Screen = {
  path: at.accesses(':id'),
  async show(visit) {
    const { c, api } = visit;
    const id = patientId(visit);
    const cursor = c.req.query('cursor');
    const search = new URLSearchParams({ limit: '50', ...(cursor ? { cursor } : {}) });
    const [patient, { items, nextCursor }] = await Promise.all([
      readPatient(visit, id),
      api.get<Accesses>(`/care/patients/${encodeURIComponent(id)}/accesses?${search}`),
    ]);
    const nameOf = await namesOf(
      visit,
      items.map(({ actorType, actorId }) => (actorType === 'user' ? actorId : null)),
    );
    return patientPage(
      visit,
      patient,
      'Accesses',
      <>
        <p class="soft">Everyone who looked at this patient, or tried to. Each look at this page is listed too.</p>
        {items.length === 0 ? (
          <p class="empty">No access.</p>
        ) : (
          <Table caption="Accesses, the newest first" columns={['When', 'Who', 'Did', 'Outcome', 'Purpose', 'What']}>
            {items.map(({ at: accessedAt, actorType, actorId, action, outcome, purpose, entityType, entityId }) => (
              <tr>
                <th scope="row">
                  <Stamp at={accessedAt} />
                </th>
                <td>{actorType === 'user' ? nameOf(actorId) : `${actorType} ${actorId ?? ''}`}</td>
                <td>{wordsOf(action)}</td>
                <td>
                  <Badge state={outcome} />
                </td>
                <td>
                  {purpose === 'ETREAT' ? (
                    <Badge state="late" text={PURPOSES[purpose] ?? purpose} />
                  ) : (
                    (PURPOSES[purpose ?? ''] ?? '–')
                  )}
                </td>
                <td>
                  {entityType}
                  {entityId !== null && entityId !== id && <span class="id">{entityId}</span>}
                </td>
              </tr>
            ))}
          </Table>
        )}
        {nextCursor !== null && (
          <p>
            <a rel="next" href={at.accesses(id, nextCursor)}>
              Older accesses
            </a>
          </p>
        )}
      </>,
    );
  },
};

/** Returns the action of an entry as words: `break-glass.started` is “break glass started”. */
function wordsOf(action: string): string {
  return action.replace(/[.-]/g, ' ');
}
