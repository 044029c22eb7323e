/** Queues: jobs that share a limit of parallel runs. Operators pause and resume queues, for all tenants. */
import { changeQueue, type Queue, readQueues } from '../../platform/jobs/admin/index.ts';
import { Table } from '../../platform/pages/index.ts';
import { thisPage } from '../outcome.ts';
import { PauseLink, pausing } from '../parts/pausing.tsx';
import { amount, Badge, Moment } from '../parts/show.tsx';
import type { Screen } from '../screen.ts';

export const screen: Screen = {
  title: 'Queues',
  // The state of a queue is asked of QStash, so nothing is read before the gate has passed the caller.
  open:
    () =>
    async ({ c, scope, tenant, parts, now, mayAct, isOperator }) => {
      const queues = await readQueues(scope, tenant.tenant, parts.jobs, now);
      const back = thisPage(c.req.url);
      const mayPause = mayAct && isOperator;
      return (
        <>
          <p class="soft">
            The numbers are those of this tenant, and “last hour” counts the last 60 minutes. A pause holds for all
            tenants.
          </p>
          <Table
            caption="Queues"
            columns={[
              ...['Queue', 'Parallel runs', 'Queued', 'Oldest', 'Running', 'Failed', 'Last hour', 'State'],
              mayPause && 'Actions',
            ]}
          >
            {queues.map((queue) => (
              <QueueRow queue={queue} now={now} back={back} mayPause={mayPause} />
            ))}
          </Table>
        </>
      );
    },
};

function QueueRow(props: { queue: Queue; now: number; back: string; mayPause: boolean }) {
  const { queue, now, back, mayPause } = props;
  const { name, concurrency, paused, counts, lastHour } = queue;
  return (
    <tr>
      <th scope="row">
        {name}
        {queue.jobs.length > 1 && <span class="id">{queue.jobs.length} names of jobs</span>}
      </th>
      <td class="number">{concurrency ?? 'no limit'}</td>
      <td class="number">{amount(counts.queued)}</td>
      <td>
        <Moment at={queue.oldestQueuedAt} now={now} />
      </td>
      <td class="number">{amount(counts.running)}</td>
      <td class="number">{amount(counts.failed)}</td>
      <td class="number">
        {amount(lastHour.done)} done, {amount(lastHour.dead)} dead
      </td>
      <td>
        <Badge state={paused === null ? 'unknown' : paused ? 'paused' : 'open'} />
      </td>
      {mayPause && (
        <td>{concurrency !== null && <PauseLink noun="queue" name={name} paused={paused ?? false} back={back} />}</td>
      )}
    </tr>
  );
}

export const { pauseQuestion, resumeQuestion, pause, resume } = pausing({
  noun: 'queue',
  effects: {
    pause: 'Running jobs go on, and no other job of the queue starts.',
    resume: 'Its waiting jobs start.',
  },
  change: (visit, name, verb) => changeQueue(visit, visit.parts.jobs, name, verb),
});
