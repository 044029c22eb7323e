/** The patient flow of a department today, live: a column for each status, with the waits and the next steps. */
import { Tile } from '../../platform/pages/index.ts';
import type { Status } from '../appointments/flow.ts';
import type { Board, Shown } from '../board/schema.ts';
import { at } from './addresses.ts';
import type { Who } from './api.ts';
import { departmentsOf } from './facts.ts';
import { Moved, Moves } from './moves.tsx';
import { Badge, Clock, minutes, Since, STATUS, toneOfWait } from './show.tsx';
import type { Page, Screen, Visit } from './visit.ts';

/** The columns. The last one has all ends of a visit. */
const COLUMNS: readonly (readonly [string, readonly Status[]])[] = [
  ['Booked', ['booked']],
  ['Waiting', ['arrived']],
  ['In room', ['in_room']],
  ['With clinician', ['with_clinician']],
  ['Done', ['finished', 'cancelled', 'missed', 'left']],
];

/** The time at which a visit got its status. */
const SINCE: Readonly<Partial<Record<Status, 'arrivedAt' | 'roomedAt' | 'startedAt'>>> = {
  ...{ arrived: 'arrivedAt', in_room: 'roomedAt', with_clinician: 'startedAt' },
};

export const boardScreen: Screen = {
  path: at.board(),
  async show(visit) {
    const { c, api, me, now } = visit;
    const department = c.req.query('department');
    if (!department) return choosePage(visit, 'Board', at.board);
    const query = new URLSearchParams({ department });
    const board = await api.get<Board>(`/care/board?${query}`);
    const back = at.board(department);
    return {
      title: 'Board',
      heading: department,
      live: department,
      content: (
        <>
          <p class="under">
            <span>Today, {board.day}</span> <a href={at.board()}>Other departments</a>{' '}
            <a href={at.hallway(department)}>Hallway view</a>
          </p>
          <Moved
            {...{ c, now, back }}
            find={(id) => {
              const item = board.items.find((each) => each.id === id);
              return item && { id, status: item.status, about: item.name };
            }}
          />
          <Figures board={board} />
          <div class="columns">
            {COLUMNS.map(([name, statuses]) => (
              <Column
                {...{ name, me, now, back }}
                zone={board.timeZone}
                items={board.items.filter(({ status }) => statuses.includes(status))}
              />
            ))}
          </div>
        </>
      ),
    };
  },
};

/** The figures of a department. */
export function Figures({ board }: { board: Pick<Board, 'waiting' | 'longestWaitMs' | 'meanDoorToRoomMs'> }) {
  const { waiting, longestWaitMs, meanDoorToRoomMs } = board;
  const isLong = longestWaitMs !== null && toneOfWait(longestWaitMs) === 'bad';
  return (
    <ul class="tiles" aria-label="Today">
      <Tile name="Waiting" note="arrived, not in a room">
        {waiting}
      </Tile>
      <Tile name="Longest wait" note="since the arrival" warns={isLong}>
        {longestWaitMs === null ? '–' : minutes(longestWaitMs)}
      </Tile>
      <Tile name="Door to room" note="mean of today">
        {meanDoorToRoomMs === null ? '–' : minutes(meanDoorToRoomMs)}
      </Tile>
    </ul>
  );
}

interface Shared {
  me: Who;
  now: number;
  back: string;
  zone: string;
}

function Column({ name, items, ...shared }: Shared & { name: string; items: readonly Shown[] }) {
  return (
    <section class="column" aria-label={name}>
      <h2>
        {name} <span class="count">{items.length}</span>
      </h2>
      <ul>
        {items.map((item) => (
          <Card item={item} {...shared} />
        ))}
      </ul>
      {items.length === 0 && <p class="none">None</p>}
    </section>
  );
}

function Card({ item, me, now, back, zone }: Shared & { item: Shown }) {
  const { id, patientId, name, clinician, clinicianId, ticket, status, startsAt } = item;
  const since = SINCE[status];
  const at0 = since && item[since];
  return (
    <li class={`card ${status}`} id={id}>
      <div class="top">
        <a class="who" href={at.patient(patientId)}>
          {name}
        </a>
        {at0 ? (
          <Since at={at0} now={now} tone={status === 'arrived'} />
        ) : status === 'booked' ? (
          <Late {...{ startsAt, now }} />
        ) : (
          <Badge state={status} text={STATUS[status]} />
        )}
      </div>
      <p class="soft">
        <Clock at={startsAt} zone={zone} /> · <span class="ticket">{ticket}</span> · {clinician}
      </p>
      <Moves visit={{ id, status, clinicianId, about: name }} {...{ me, back }} />
    </li>
  );
}

/** Marks a booked patient who is late. */
function Late({ startsAt, now }: { startsAt: string; now: number }) {
  const ms = now - Date.parse(startsAt);
  return ms > 60_000 ? <Badge state="waiting" text={`${minutes(ms)} late`} /> : null;
}

/** The page that asks for a department. */
export async function choosePage(visit: Visit, title: string, to: (department: string) => string): Promise<Page> {
  const departments = await departmentsOf(visit);
  return {
    title,
    content: (
      <>
        <p>Choose a department.</p>
        {departments.length === 0 && <p class="empty">No department has visits.</p>}
        <ul class="tiles" aria-label="Departments">
          {departments.map((department) => (
            <li>
              <a href={to(department)}>
                <strong>{department}</strong>
              </a>
            </li>
          ))}
        </ul>
      </>
    ),
  };
}
