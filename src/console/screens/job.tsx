/** One job: its state, a timeline of its attempts, its error and its result. */
import { idSchema, notFound } from '../../platform/http/index.ts';
import { changeJob } from '../../platform/jobs/admin/index.ts';
import { type JobRecord, readJob } from '../../platform/jobs/index.ts';
import { Fact } from '../../platform/pages/index.ts';
import { thisPage } from '../outcome.ts';
import { Badge, Data, Moment, span } from '../parts/show.tsx';
import type { Action, Screen, Visit } from '../screen.ts';
import { JobButtons } from './job-buttons.tsx';

export const screen: Screen = {
  title: 'Job',
  open: () => async (visit) => {
    const { c, scope, tenant, now, mayAct } = visit;
    const record = await readJob({ redis: scope.redis, sealer: 'redact' }, tenant.tenant, idOf(visit));
    if (!record) throw notFound('job');
    return (
      <>
        <dl class="facts">
          <Fact name="Job">
            <a href={`/console/jobs?name=${record.name}`}>{record.name}</a>
          </Fact>
          <Fact name="Id">
            <code>{record.id}</code>
          </Fact>
          <Fact name="State">
            <Badge state={record.state} />
          </Fact>
          <Fact name="Attempts">
            {record.attempt} started, {record.errors} failed, {record.crashes} crashed
          </Fact>
          <Fact name="Reason">{record.reason ?? '–'}</Fact>
          <Fact name="Error">{record.errorMessage ?? '–'}</Fact>
          {record.duplicateOf && (
            <Fact name="Duplicate of">
              <a href={`/console/jobs/${record.duplicateOf}`}>{record.duplicateOf}</a>
            </Fact>
          )}
        </dl>
        {mayAct && <JobButtons record={record} back={thisPage(c.req.url)} />}
        <Timeline record={record} now={now} />
        {record.progress !== undefined && (
          <section>
            <h2>Progress</h2>
            <Data value={record.progress} />
          </section>
        )}
        {record.result !== undefined && (
          <section>
            <h2>Result</h2>
            <Data value={record.result} />
          </section>
        )}
      </>
    );
  },
};

function Timeline({ record, now }: { record: JobRecord; now: number }) {
  const { pastAttempts, state, retryAt, dueAt } = record;
  const nextAt = retryAt ?? (state === 'queued' ? dueAt : null);
  return (
    <section>
      <h2>Timeline</h2>
      <ol class="timeline">
        <li>
          <b>Enqueued</b> <Moment at={record.enqueuedAt} now={now} />
        </li>
        {pastAttempts.map(({ slice, number, startedAt, endedAt, outcome, reason }) => (
          <li>
            <b>
              Attempt {number}
              {slice > 0 ? ` of part ${slice + 1}` : ''}
            </b>{' '}
            <Badge state={outcome} /> after {span(endedAt - startedAt)}, <Moment at={startedAt} now={now} />
            {reason && <span class="reason">{reason}</span>}
          </li>
        ))}
        {state === 'running' && (
          <li>
            <b>Attempt {record.attempt}</b> <Badge state="running" />
          </li>
        )}
        {nextAt !== null && (
          <li>
            <b>Next attempt</b> <Moment at={nextAt} now={now} />
          </li>
        )}
        <li>
          <b>Now</b> <Badge state={state} />, changed <Moment at={record.updatedAt} now={now} />
        </li>
      </ol>
    </section>
  );
}

/** Reads the id of the job from the address. */
function idOf({ c }: Visit): string {
  const { data } = idSchema.safeParse(c.req.param('id'));
  if (data === undefined) throw notFound('job');
  return data;
}

/** The code of the sentence that reports each outcome. */
const SENTENCES: Readonly<Record<string, string>> = {
  cancelled: 'job-cancelled',
  requested: 'job-asked',
  queued: 'job-queued',
};

const action =
  (verb: Parameters<typeof changeJob>[1]): Action =>
  async (visit) => ({ done: SENTENCES[await changeJob(visit, verb, idOf(visit))] ?? '' });

export const cancel = action('cancel');
export const runNow = action('retry');
export const replay = action('replay');
