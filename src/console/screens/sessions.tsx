/** The devices of one user: browsers and programs that are signed in, and the end of one or all of them. */
import { endSession, endSessions } from '../../identity/index.ts';
import { type CounterReading, readCounters } from '../../platform/counters/index.ts';
import { notFound, ProblemError } from '../../platform/http/index.ts';
import { Table, Tile } from '../../platform/pages/index.ts';
import { addressPrefix } from '../../platform/text/index.ts';
import { thisPage } from '../outcome.ts';
import { amount, counted, Moment } from '../parts/show.tsx';
import { type Action, early, type Question, type Screen, type Visit } from '../screen.ts';

/** The user of the search; `null` without a search. 1 statement. */
async function findUser({ c, tenant }: Visit) {
  const text = (c.req.query('user') ?? '').trim();
  if (text === '') return null;
  const client = await tenant.db();
  const user = await client.user.findFirst({
    where: { tenantId: tenant.tenant, OR: [{ id: text }, { email: addressPrefix(text) }] },
    select: { id: true, name: true, email: true, role: true },
  });
  if (!user) throw notFound('user');
  return user;
}

export const screen: Screen = {
  title: 'Sessions',
  open: ({ scope }) => {
    const reading = early(readCounters(scope, { group: 'sessions', window: '24h' }));
    return async (visit) => {
      const { c, tenant, caller, now, mayAct, isOperator } = visit;
      const user = await findUser(visit);
      const listed = user ? await tenant.sessions.list(user.id, caller.session ?? undefined) : [];
      const back = thisPage(c.req.url);
      const ofUser = user ? new URLSearchParams({ user: user.id, back }) : null;
      return (
        <>
          {isOperator && <Alive sessions={await reading} />}
          <form method="get" action="/console/sessions" class="filters">
            <label>
              User, by id or e-mail address
              <input name="user" value={c.req.query('user') ?? ''} maxlength={254} autocomplete="off" />
            </label>
            <button type="submit">Show devices</button>
          </form>
          {user && (
            <>
              <p>
                {user.name} ({user.email}, {user.role}) has {counted(listed.length, 'device')}.{' '}
                {mayAct && listed.length > 0 && <a href={`/console/sessions/end-all?${ofUser}`}>End all…</a>}
              </p>
              {listed.length > 0 && (
                <Table
                  caption="Devices, the last used first"
                  columns={['Device', 'Kind', 'Signed in', 'Last used', 'Ends', mayAct && 'Actions']}
                >
                  {listed.map(({ id, device, kind, createdAt, lastSeenAt, expiresAt, current }) => (
                    <tr>
                      <th scope="row">
                        {device} {current && <span class="badge plain">this browser</span>}
                      </th>
                      <td>{kind === 'session' ? 'browser' : 'program'}</td>
                      <td>
                        <Moment at={createdAt} now={now} />
                      </td>
                      <td>
                        <Moment at={lastSeenAt} now={now} />
                      </td>
                      <td>
                        <Moment at={expiresAt} now={now} />
                      </td>
                      {mayAct && (
                        <td>
                          <form method="post" action="/console/sessions/end">
                            <input type="hidden" name="user" value={user.id} />
                            <input type="hidden" name="id" value={id} />
                            <input type="hidden" name="back" value={back} />
                            <button type="submit" aria-label={`End ${device}`}>
                              End
                            </button>
                          </form>
                        </td>
                      )}
                    </tr>
                  ))}
                </Table>
              )}
            </>
          )}
        </>
      );
    };
  },
};

/** The sessions of all tenants at the last sample. */
function Alive({ sessions }: { sessions: CounterReading }) {
  const { users, browsers, programs } = aliveIn(sessions);
  if (users === null) return <p class="soft">Sessions are counted every 15 minutes; there is no count yet.</p>;
  return (
    <ul class="tiles" aria-label="Sessions of all tenants">
      <Tile name="Users with a session" note="all tenants, at the last sample; estimated above 100 users">
        {amount(users)}
      </Tile>
      <Tile name="Sessions alive" note={`${amount(browsers)} of browsers, ${amount(programs)} of programs`}>
        {amount(browsers + programs)}
      </Tile>
    </ul>
  );
}

/** The sessions at the last sample; `users` is `null` without a sample. */
export function aliveIn(sessions: CounterReading) {
  return {
    users: sessions.value('sessions.users', {}),
    browsers: sessions.value('sessions.alive', { kind: 'browser' }) ?? 0,
    programs: sessions.value('sessions.alive', { kind: 'program' }) ?? 0,
  };
}

export const end: Action = async (visit, { user = '', id = '' }) => {
  await endSession(visit, user, id);
  return { done: 'session-ended' };
};

export const endAllQuestion: Question = {
  title: 'End all sessions of a user',
  async ask(visit) {
    const user = await findUser(visit);
    if (!user) throw notFound('user');
    const { length } = await visit.tenant.sessions.list(user.id);
    if (length === 0) throw new ProblemError(409, 'NOTHING_TO_DO', 'The user has no device that is signed in');
    return {
      text: `End ${counted(length, 'session')} of ${user.name} (${user.email})? The user must sign in again everywhere.`,
      button: `End ${counted(length, 'session')}`,
      fields: { user: user.id },
    };
  },
};

export const endAll: Action = async (visit, { user = '' }) => ({
  done: 'sessions-ended',
  count: await endSessions(visit, user),
});
