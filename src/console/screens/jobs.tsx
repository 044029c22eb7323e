/** Jobs: how many are in each state, and the jobs that changed last. The address carries the filters. */
import {
  formatCursor,
  type IndexCount,
  jobsQuerySchema,
  parseCursor,
  readJobIndex,
  readListed,
} from '../../platform/jobs/admin/index.ts';
import { type JobRecord, STATES } from '../../platform/jobs/index.ts';
import { Choice, Table } from '../../platform/pages/index.ts';
import { thisPage } from '../outcome.ts';
import { amount, Badge, Moment } from '../parts/show.tsx';
import { type Asking, early, type Screen } from '../screen.ts';
import { JobButtons } from './job-buttons.tsx';

const HOUR_MS = 3_600_000;
const PAGE = 25;

/** Wrong values of a filter are ignored, because only an address that was typed by hand can have them. */
const { name, state, cursor } = jobsQuerySchema.shape;

function filterOf({ c }: Asking) {
  return {
    name: name.safeParse(c.req.query('name') || undefined).data,
    state: state.safeParse(c.req.query('state') || undefined).data,
    cursor: cursor.safeParse(c.req.query('cursor') || undefined).data,
  };
}

export const screen: Screen = {
  title: 'Jobs',
  open(asking) {
    const { scope, tenant, parts, now } = asking;
    const filter = filterOf(asking);
    const search = {
      names: filter.name === undefined ? [...parts.jobs.keys()] : [filter.name],
      state: filter.state,
      limit: PAGE,
      cursor: parseCursor(filter.cursor),
    };
    const found = early(readJobIndex(scope.redis, tenant.tenant, search, now - HOUR_MS));
    return async ({ c, mayAct }) => {
      const { jobs: listed, next, counts } = await found;
      const records = await readListed({ redis: scope.redis, sealer: 'redact' }, tenant.tenant, listed);
      const back = thisPage(c.req.url);
      return (
        <>
          <States counts={counts} name={filter.name} state={filter.state} />
          <form method="get" action="/console/jobs" class="filters" data-swap>
            <Choice
              name="name"
              label="Job"
              all="Every job"
              values={[...parts.jobs.keys()].sort()}
              chosen={filter.name}
            />
            <Choice name="state" label="State" all="Every state" values={STATES} chosen={filter.state} />
            <button type="submit">Filter</button>
            <a href="/console/jobs">All jobs</a>
          </form>
          <JobTable records={records} back={back} now={now} mayAct={mayAct} />
          {next && (
            <p class="pages">
              <a rel="next" href={pageOf(filter.name, filter.state, formatCursor(next))}>
                Older jobs
              </a>
            </p>
          )}
        </>
      );
    };
  },
};

/** Returns the address of the list with these filters. */
function pageOf(job?: string, chosen?: string, after?: string | null): string {
  const search = new URLSearchParams();
  if (job !== undefined) search.set('name', job);
  if (chosen !== undefined) search.set('state', chosen);
  if (after) search.set('cursor', after);
  return `/console/jobs${search.size > 0 ? `?${search}` : ''}`;
}

function States(props: { counts: readonly IndexCount[]; name?: string | undefined; state?: string | undefined }) {
  return (
    <ul class="tiles" aria-label="Jobs by state">
      {STATES.map((each) => {
        const of = props.counts.filter((count) => count.state === each);
        const sum = of.reduce((all, { jobs }) => all + jobs, 0);
        const recent = of.reduce((all, count) => all + count.recent, 0);
        return (
          <li>
            <a href={pageOf(props.name, each)} {...(props.state === each ? { 'aria-current': 'true' } : {})}>
              <span class="label">{each}</span>
              <strong>{amount(sum)}</strong>
              <span class="soft">{amount(recent)} in the last hour</span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}

/** A table of jobs. */
export function JobTable(props: { records: readonly JobRecord[]; back: string; now: number; mayAct: boolean }) {
  const { records, back, now, mayAct } = props;
  if (records.length === 0) return <p class="empty">No jobs with these filters.</p>;
  return (
    <Table
      caption="Jobs, the latest change first"
      columns={['Job', 'State', 'Attempt', 'Changed', 'Due', 'Reason', mayAct && 'Actions']}
    >
      {records.map((record) => (
        <tr>
          <th scope="row">
            <a href={`/console/jobs/${record.id}`}>{record.name}</a>
            <span class="id">{record.id}</span>
          </th>
          <td>
            <Badge state={record.state} />
          </td>
          <td class="number">{record.attempt}</td>
          <td>
            <Moment at={record.updatedAt} now={now} />
          </td>
          <td>
            <Moment at={record.retryAt ?? (record.state === 'queued' ? record.dueAt : null)} now={now} />
          </td>
          <td class="wide">{record.reason ?? ''}</td>
          {mayAct && (
            <td>
              <JobButtons record={record} back={back} />
            </td>
          )}
        </tr>
      ))}
    </Table>
  );
}
