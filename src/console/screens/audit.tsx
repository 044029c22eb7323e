/** The audit trail: a search of its entries, the newest first. The address carries the filters. */
import { type AuditEntry, entryQuerySchema, searchTrail } from '../../platform/audit/index.ts';
import { validationProblem } from '../../platform/http/index.ts';
import { Choice, Table } from '../../platform/pages/index.ts';
import { Badge, Stamp } from '../parts/show.tsx';
import type { Screen, Visit } from '../screen.ts';
import { VerifyForm } from './audit-verification.tsx';

const { outcome: outcomes, ...texts } = {
  action: 'Action',
  actorId: 'Actor, by id',
  entityType: 'Kind of thing',
  entityId: 'Thing, by id',
  outcome: ['ok', 'refused', 'failed'],
};
const days = { from: 'From day (UTC)', to: 'To day (UTC)' };

export const screen: Screen = {
  title: 'Audit trail',
  access: 'audit:read',
  topics: () => [],
  open: () => async (visit) => {
    const { scope, tenant } = visit;
    const search = searchOf(visit);
    const { items, nextCursor } = await searchTrail(scope.store, tenant.tenant, search);
    return (
      <>
        <form method="get" action="/console/audit" class="filters" data-swap>
          {Object.entries(texts).map(([name, label]) => (
            <label>
              {label}
              <input name={name} value={search[name as keyof typeof texts]} maxlength={500} spellcheck={false} />
            </label>
          ))}
          <Choice name="outcome" label="Outcome" all="Every outcome" values={outcomes} chosen={search.outcome} />
          {Object.entries(days).map(([name, label]) => (
            <label>
              {label}
              <input type="date" name={name} value={search[name as keyof typeof days]} />
            </label>
          ))}
          <button type="submit">Search</button>
          <a href="/console/audit">All entries</a>
        </form>
        <Entries entries={items} isSearch={Object.keys(search).length > 1} />
        {nextCursor && (
          <p class="pages">
            <a rel="next" href={`/console/audit?${new URLSearchParams({ ...given(visit), cursor: nextCursor })}`}>
              Older entries
            </a>
          </p>
        )}
        <p>
          <a href="/console/audit/seals">The seals of the trail</a>
        </p>
        <VerifyForm />
      </>
    );
  },
};

/** The filters of the address. A form sends each of its fields, and an empty one is no filter. */
function given({ c }: Visit): Record<string, string> {
  const names = Object.keys(entryQuerySchema.shape);
  return Object.fromEntries(
    Object.entries(c.req.query()).filter(([name, text]) => names.includes(name) && text !== ''),
  );
}

/** @throws {ProblemError} 400 that names the wrong filters. A search without them would show other entries. */
function searchOf(visit: Visit) {
  const { data, error } = entryQuerySchema.safeParse(given(visit));
  if (error) throw validationProblem({ error, target: 'query' });
  return data;
}

function Entries({ entries, isSearch }: { entries: readonly AuditEntry[]; isSearch: boolean }) {
  if (entries.length === 0) {
    return <p class="empty">{isSearch ? 'No entry matches.' : 'The audit trail of this tenant has no entry yet.'}</p>;
  }
  return (
    <Table caption="Entries, the newest first" columns={['Action', 'Time', 'Outcome', 'Actor', 'Thing', 'Seal']}>
      {entries.map((entry) => (
        <tr>
          <th scope="row">
            <a href={`/console/audit/entries/${entry.id}`}>{entry.action}</a>
            <span class="id">{entry.id}</span>
          </th>
          <td>
            <Stamp at={entry.occurredAt} />
          </td>
          <td>
            <Badge state={entry.outcome} />
          </td>
          <td>{entry.actorId ?? entry.actorType}</td>
          <td class="wide">
            {entry.entityType} {entry.entityId ?? ''}
          </td>
          <td>
            {entry.seal ?? 'none yet'} {isErased(entry) && <Badge state="erased" />}
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** Whether the data of an entry were erased. */
export function isErased({ data, salt, seal }: AuditEntry): boolean {
  return seal !== null && data === null && salt === null;
}
