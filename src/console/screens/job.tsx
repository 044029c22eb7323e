/** One job: its state, a timeline of its attempts, its error and its result. */
import { idSchema, notFound, ProblemError } from '../../platform/http/index.ts';
import { cancelJob, type JobRecord, jobServices, readJob, replayJob, runJobNow } from '../../platform/jobs/index.ts';
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

function Fact({ name, children }: { name: string; children?: unknown }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children as string}</dd>
    </div>
  );
}

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

/** The outcomes that count as done. Any other outcome is a refusal. */
const GOOD: Readonly<Record<string, string>> = {
  cancelled: 'job-cancelled',
  requested: 'job-asked',
  queued: 'job-queued',
};

/** Makes an action of a function of the platform. */
function action(
  change: typeof cancelJob | typeof runJobNow | typeof replayJob,
  name: string,
  good: readonly string[],
): Action {
  return async (visit) => {
    const id = idOf(visit);
    const state = await change(jobServices(visit.scope), visit.tenant.tenant, id);
    if (state === 'missing') throw notFound('job');
    const done = good.includes(state) ? GOOD[state] : undefined;
    if (done === undefined) throw new ProblemError(409, 'JOB_STATE', `The state of the job is ${state} by now`);
    return { done, entry: { action: name, entity: { type: 'job', id } } };
  };
}

export const cancel = action(cancelJob, 'job.cancelled', ['cancelled', 'requested']);
export const runNow = action(runJobNow, 'job.advanced', ['queued']);
export const replay = action(replayJob, 'job.replayed', ['queued']);
