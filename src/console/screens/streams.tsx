/** Streams of events, their consumer groups, and the events that the groups have put aside. */
import { ProblemError } from '../../platform/http/index.ts';
import { Table } from '../../platform/pages/index.ts';
import { byStream, findGroup, MOST_COUNTED, readStatus, replayGroup } from '../../platform/streams/admin/index.ts';
import { thisPage } from '../outcome.ts';
import { amount, Badge, counted } from '../parts/show.tsx';
import type { Action, Question, Screen, Visit } from '../screen.ts';

export const screen: Screen = {
  title: 'Streams',
  open: () => async (visit) => {
    const { c, mayAct } = visit;
    const streams = await statusOf(visit);
    const back = thisPage(c.req.url);
    if (streams.length === 0) return <p class="empty">The app has no streams.</p>;
    return (
      <>
        <p class="soft">Of this tenant, now. At most {amount(MOST_COUNTED)} waiting entries are counted.</p>
        <Table
          caption="Consumer groups"
          columns={[
            ...['Group', 'Entries of the stream', 'Taken', 'Waiting', 'Put aside', 'Generation', 'State'],
            mayAct && 'Actions',
          ]}
        >
          {streams.flatMap(({ name: stream, entries, groups }) =>
            groups.map(({ name, pending, waiting, behind, dead, generation, building }) => (
              <tr>
                <th scope="row">
                  {stream} · {name}
                </th>
                <td class="number">{amount(entries)}</td>
                <td class="number">{amount(pending)}</td>
                <td class="number">{amount(waiting)}</td>
                <td class="number">{amount(dead)}</td>
                <td class="number">
                  {generation ?? '–'}
                  {building !== null && ` (builds ${building})`}
                </td>
                <td>
                  <Badge state={behind ? 'reads from the database' : 'follows'} />
                </td>
                {mayAct && (
                  <td>
                    {dead > 0 && (
                      <a href={`/console/streams/${stream}/${name}/replay?${new URLSearchParams({ back })}`}>
                        Replay all…<span class="hidden"> of {name}</span>
                      </a>
                    )}
                  </td>
                )}
              </tr>
            )),
          )}
        </Table>
      </>
    );
  },
};

function statusOf({ scope, tenant, parts }: Visit) {
  return readStatus(scope, tenant.tenant, byStream(parts.consumers));
}

function groupOf({ c, parts }: Visit) {
  return findGroup(parts.consumers, c.req.param('stream') ?? '', c.req.param('group') ?? '');
}

export const replayQuestion: Question = {
  title: 'Replay events that were put aside',
  async ask(visit) {
    const { stream, name } = groupOf(visit);
    const streams = await statusOf(visit);
    const group = streams.find((each) => each.name === stream.name)?.groups.find((each) => each.name === name);
    const dead = group?.dead ?? 0;
    if (dead === 0) throw new ProblemError(409, 'NOTHING_TO_DO', 'The group has put no events aside');
    return {
      text: `Request another attempt at ${counted(dead, 'event')} of the group ${name}? An event that fails again stays.`,
      button: `Replay ${counted(dead, 'event')}`,
    };
  },
};

export const replay: Action = async (visit) => {
  return { done: 'events-queued', count: await replayGroup(visit, groupOf(visit), null) };
};
