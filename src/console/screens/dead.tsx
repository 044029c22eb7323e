/** Dead letters: jobs without attempts left. An administrator replays one of them, or all of one job name. */
import { ProblemError } from '../../platform/http/index.ts';
import {
  formatCursor,
  jobsQuerySchema,
  MOST_REPLAYED,
  parseCursor,
  readJobIndex,
  readListed,
  replayDeadJobs,
} from '../../platform/jobs/admin/index.ts';
import { Choice } from '../../platform/pages/index.ts';
import { thisPage } from '../outcome.ts';
import { counted } from '../parts/show.tsx';
import { type Action, type Asking, early, type Question, type Screen } from '../screen.ts';
import { JobTable } from './jobs.tsx';

const PAGE = 25;
const { name: nameSchema, cursor: cursorSchema } = jobsQuerySchema.shape;

/** Returns the names of the jobs to show: the name of the filter, or every name. */
function namesOf({ parts }: Asking, given: string | undefined): string[] {
  const name = nameSchema.safeParse(given || undefined).data;
  return name === undefined ? [...parts.jobs.keys()] : [name];
}

export const screen: Screen = {
  title: 'Dead letters',
  open(asking) {
    const { c, scope, tenant, parts, now } = asking;
    const given = c.req.query('name');
    const names = namesOf(asking, given);
    const name = names.length === 1 ? names[0] : undefined;
    const cursor = parseCursor(cursorSchema.safeParse(c.req.query('cursor') || undefined).data);
    const found = early(readJobIndex(scope.redis, tenant.tenant, { names, state: 'dead', limit: PAGE, cursor }));
    return async ({ mayAct }) => {
      const { jobs, next, counts } = await found;
      const records = await readListed({ redis: scope.redis, sealer: 'redact' }, tenant.tenant, jobs);
      const total = deadIn(counts);
      const back = thisPage(c.req.url);
      const asked = new URLSearchParams({ ...(name === undefined ? {} : { name }), back });
      const older = new URLSearchParams({ ...(name === undefined ? {} : { name }), cursor: formatCursor(next) ?? '' });
      return (
        <>
          <form method="get" action="/console/dead" class="filters" data-swap>
            <Choice name="name" label="Job" all="Every job" values={[...parts.jobs.keys()].sort()} chosen={name} />
            <button type="submit">Filter</button>
          </form>
          <p>
            {counted(total, 'dead job')}, kept for 30 days.
            {mayAct && total > 0 && <a href={`/console/dead/replay?${asked}`}> Replay all…</a>}
          </p>
          <JobTable records={records} back={back} now={now} mayAct={mayAct} />
          {next && (
            <p class="pages">
              <a rel="next" href={`/console/dead?${older}`}>
                Older jobs
              </a>
            </p>
          )}
        </>
      );
    };
  },
};

function deadIn(counts: readonly { state: string; jobs: number }[]): number {
  return counts.filter(({ state }) => state === 'dead').reduce((sum, { jobs }) => sum + jobs, 0);
}

/** Asks with the number of jobs. The action replays no more than this number, and none that died after the question. */
export const replayQuestion: Question = {
  title: 'Replay dead jobs',
  async ask(visit) {
    const { c, scope, tenant, now } = visit;
    const given = c.req.query('name');
    const names = namesOf(visit, given);
    const search = { names, state: 'dead', to: now, limit: MOST_REPLAYED } as const;
    const { jobs, counts } = await readJobIndex(scope.redis, tenant.tenant, search);
    const total = deadIn(counts);
    if (jobs.length === 0) throw new ProblemError(409, 'NOTHING_TO_DO', 'There are no dead jobs to replay');
    const of = names.length === 1 ? ` named ${names[0]}` : '';
    const all = counted(total, 'dead job');
    return {
      text:
        total > jobs.length
          ? `Queue the ${jobs.length} latest of ${all}${of} again? Each keeps its id and the results of its steps.`
          : `Queue ${all}${of} again? Each keeps its id and the results of its steps.`,
      button: `Replay ${counted(jobs.length, 'job')}`,
      fields: { name: given ?? '', most: String(jobs.length), before: String(now) },
    };
  },
};

export const replayAll: Action = async (visit, { name, most, before }) => {
  const limit = readNumber(most, MOST_REPLAYED);
  const names = namesOf(visit, name);
  return {
    done: 'jobs-queued',
    count: await replayDeadJobs(visit, { names, before: readNumber(before, visit.now), limit }),
  };
};

/**
 * Reads a number of the question.
 * @throws {ProblemError} 400 if the form has no such number: then the question was not asked.
 */
function readNumber(text: string | undefined, greatest: number): number {
  const value = /^\d{1,15}$/.test(text ?? '') ? Number(text) : Number.NaN;
  if (value <= greatest) return value;
  throw new ProblemError(400, 'NOT_ASKED', 'Open the question again: its numbers are missing or wrong');
}
