/** Schedules of the app: when they run, and how the last run ended. Only for operators. */
import { changeSchedule, runScheduleNow } from '../../platform/jobs/admin/index.ts';
import { readSchedules, type ScheduleStatus } from '../../platform/jobs/index.ts';
import { ActionButton, Table } from '../../platform/pages/index.ts';
import { operatorsOnly } from '../../platform/rest/index.ts';
import { cronInWords } from '../cron.ts';
import { thisPage } from '../outcome.ts';
import { PauseLink, pausing } from '../parts/pausing.tsx';
import { amount, Badge, Moment, span } from '../parts/show.tsx';
import type { Action, Screen } from '../screen.ts';

export const screen: Screen = {
  title: 'Schedules',
  open: () => async (visit) => {
    operatorsOnly(visit);
    const { c, scope, parts, now, mayAct } = visit;
    const schedules = await readSchedules(scope, parts.schedules.values());
    const back = thisPage(c.req.url);
    return (
      <>
        <p class="soft">The counts of runs began with the first run of each schedule.</p>
        <Table
          caption="Schedules"
          columns={[
            ...['Schedule', 'When', 'Next', 'Last', 'Good', 'Failed', 'Missed', 'Skipped'],
            mayAct && 'Actions',
          ]}
        >
          {schedules.map((schedule) => (
            <ScheduleRow
              {...{ schedule, now, back, mayAct }}
              pausable={parts.schedules.get(schedule.name)?.exclusive ?? false}
            />
          ))}
        </Table>
      </>
    );
  },
};

function ScheduleRow(props: {
  schedule: ScheduleStatus;
  pausable: boolean;
  now: number;
  back: string;
  mayAct: boolean;
}) {
  const { schedule, pausable, now, back, mayAct } = props;
  const { name, cron, tz, running, last, nextTick, paused, counts } = schedule;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="words">
        {cronInWords(cron)} <span class="soft">{tz}</span>
        <span class="id">{cron}</span>
      </td>
      <td>
        {paused ? (
          <>
            <Badge state="paused" /> <Moment at={paused.at} now={now} />
            <span class="id">{paused.by}</span>
          </>
        ) : (
          <Moment at={nextTick} now={now} />
        )}
      </td>
      <td>
        {running && <Badge state="running" />} {last && <Badge state={last.outcome} />}{' '}
        <Moment at={last?.endedAt ?? null} now={now} />
        {typeof last?.ms === 'number' && <span class="id">took {span(last.ms)}</span>}
        {last && last.outcome !== 'ok' && last.detail && <span class="id">{last.detail}</span>}
      </td>
      <td class="number">{amount(counts.ok)}</td>
      <td class="number">{amount(counts.failed + counts.timeout + counts.crashed)}</td>
      <td class="number">{amount(counts.missed)}</td>
      <td class="number">{amount(counts.skipped)}</td>
      {mayAct && (
        <td>
          <ActionButton action={`/console/schedules/${name}/run`} back={back} text="Run now" about={name} />
          {pausable && <PauseLink noun="schedule" name={name} paused={paused !== null} back={back} />}
        </td>
      )}
    </tr>
  );
}

/** Enqueues a job that runs the schedule, and shows this job. */
export const run: Action = async (visit) => {
  const { schedules, jobs } = visit.parts;
  const id = visit.c.req.param('name') ?? '';
  const jobId = await runScheduleNow(visit, schedules, jobs, id);
  return { done: 'schedule-queued', to: `/console/jobs/${jobId}` };
};

export const { pauseQuestion, resumeQuestion, pause, resume } = pausing({
  noun: 'schedule',
  effects: {
    pause: 'A run that has begun goes on, no other run starts, and its ticks are not made up for.',
    resume: 'It runs again at its next time.',
  },
  change: (visit, name, verb) => changeSchedule(visit, visit.parts.schedules, name, verb),
});
