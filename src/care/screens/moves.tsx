/** The named steps of a visit as buttons, and the undo of the last one. */
import { Hidden } from '../../platform/pages/index.ts';
import { type MoveName, type Status, steps, UNDO_MS } from '../appointments/flow.ts';
import type { Appointment } from '../appointments/schema.ts';
import { at, backTo, withPart } from './addresses.ts';
import { may, type Who } from './api.ts';
import { STATUS } from './show.tsx';
import type { Action, Visit } from './visit.ts';

/** The steps as buttons name them. The first step from a status is the usual one. */
const NAMES: Readonly<Record<MoveName, string>> = {
  ...{ arrive: 'Has arrived', room: 'To the room', start: 'Begin', finish: 'Finish' },
  ...{ cancel: 'Cancel', miss: 'Missed', leave: 'Has left', undo: 'Undo' },
};

/** The visit that a button changes. `about` names the visit, where buttons of several visits are in one list. */
interface Moving {
  id: string;
  status: Status;
  clinicianId: string;
  about: string;
}

/** Returns whether the caller may move a visit: an own one, or with the right for all visits. */
export function mayMove(me: Who, clinicianId: string): boolean {
  return may(me, 'care:flow:move') && (clinicianId === me.userId || may(me, 'care:flow:all'));
}

/** The buttons of the steps that the caller may take. */
export function Moves({ visit, me, back }: { visit: Moving; me: Who; back: string }) {
  if (!mayMove(me, visit.clinicianId)) return null;
  const names = Object.keys(steps) as (keyof typeof steps)[];
  const [usual, ...others] = names.filter((name) => steps[name].from === visit.status);
  if (usual === undefined) return null;
  return (
    <div class="moves">
      <Move visit={visit} move={usual} back={back} isUsual />
      {others.map((move) => (
        <Move visit={visit} move={move} back={back} />
      ))}
    </div>
  );
}

/** The button of one step. */
export function Move(props: { visit: Omit<Moving, 'clinicianId'>; move: MoveName; back: string; isUsual?: boolean }) {
  const { visit, move, back, isUsual = false } = props;
  return (
    <form method="post" action={`${at.appointment(visit.id)}/${move}`}>
      <Hidden fields={{ expected: visit.status, back }} />
      <button type="submit" class={isUsual ? 'usual' : ''} aria-label={`${NAMES[move]}: ${visit.about}`}>
        {NAMES[move]}
      </button>
    </form>
  );
}

/** Reports the last step of a visit, with its undo for as long as it is possible. */
export function Moved({
  c,
  now,
  back,
  find,
}: Pick<Visit, 'c' | 'now'> & {
  back: string;
  find(id: string): Omit<Moving, 'clinicianId'> | undefined;
}) {
  const moved = find(c.req.query('moved') ?? '');
  // If another user has taken a further step since, this step can be neither reported nor undone.
  if (!moved || moved.status !== c.req.query('to')) return null;
  const canUndo = now < Number(c.req.query('until') ?? 0);
  return (
    <div class="told toast" role="status">
      <p>
        {moved.about} is now: <b>{STATUS[moved.status]}</b>
      </p>
      {canUndo && <Move visit={moved} move="undo" back={back} />}
    </div>
  );
}

/** Takes a step by its operation. */
export const moveAction: Action = {
  path: `${at.appointment(':id')}/:move{arrive|room|start|finish|cancel|miss|leave|undo}`,
  async act({ c, api, now, fields: { expected = '', back } }) {
    const { id = '', move = '' } = c.req.param() as { id?: string; move?: MoveName };
    const path = `/care/appointments/${encodeURIComponent(id)}/${move}`;
    const { status } = await api.post<Appointment>(path, { expected });
    const next = withPart(withPart(backTo(back), 'moved', id), 'to', status);
    // The undo of an undo is not possible.
    return withPart(next, 'until', move === 'undo' ? '0' : String(now + UNDO_MS));
  },
};
