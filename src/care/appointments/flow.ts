/**
 * The flow of a visit, as a table of named steps:
 *
 *     booked → arrived → in_room → with_clinician → finished
 *     booked → cancelled | missed        arrived → left
 *
 * Each step sets its own time. Its undo is possible for ten minutes, and clears the time again.
 */

export const statuses = [
  ...(['booked', 'arrived', 'in_room', 'with_clinician', 'finished', 'cancelled', 'missed', 'left'] as const),
];
export type Status = (typeof statuses)[number];

/** The columns with the times of steps, in the order of the flow. */
export const TIMES = ['arrivedAt', 'roomedAt', 'startedAt', 'finishedAt', 'endedAt'] as const;
export type TimeColumn = (typeof TIMES)[number];

/** A step of the flow. */
interface Step {
  from: Status;
  to: Status;
  time: TimeColumn;
}

export const steps = {
  arrive: { from: 'booked', to: 'arrived', time: 'arrivedAt' },
  room: { from: 'arrived', to: 'in_room', time: 'roomedAt' },
  start: { from: 'in_room', to: 'with_clinician', time: 'startedAt' },
  finish: { from: 'with_clinician', to: 'finished', time: 'finishedAt' },
  cancel: { from: 'booked', to: 'cancelled', time: 'endedAt' },
  miss: { from: 'booked', to: 'missed', time: 'endedAt' },
  leave: { from: 'arrived', to: 'left', time: 'endedAt' },
} as const satisfies Record<string, Step>;

export type StepName = keyof typeof steps;
export type MoveName = StepName | 'undo';

/** How long a step can be undone, in ms. */
export const UNDO_MS = 10 * 60_000;

/** The fields of a visit that its flow reads and changes. */
export type FlowState = { status: Status; movedFrom: Status | null; movedAt: Date | null } & Record<
  TimeColumn,
  Date | null
>;

/** The change of a move; `null` for a step that does not begin at the status of the visit. */
export type Change = Pick<FlowState, 'status' | 'movedFrom' | 'movedAt'> & Partial<Record<TimeColumn, Date | null>>;

/**
 * Returns the change of a step or of an undo at a time in ms since the epoch. The time of a step is never before the
 * time of the step before it, also if the clocks of two servers differ.
 */
export function changeOf(state: FlowState, move: MoveName, now: number): Change | null {
  if (move === 'undo') return undoOf(state, now);
  const { from, to, time } = steps[move];
  if (state.status !== from) return null;
  const at = new Date(Math.max(now, ...TIMES.map((column) => state[column]?.getTime() ?? 0)));
  return { status: to, [time]: at, movedFrom: from, movedAt: at };
}

function undoOf({ status, movedFrom, movedAt }: FlowState, now: number): Change | null {
  if (movedFrom === null || movedAt === null || now - movedAt.getTime() > UNDO_MS) return null;
  const done = Object.values(steps).find(({ from, to }) => from === movedFrom && to === status);
  return done ? { status: movedFrom, [done.time]: null, movedFrom: null, movedAt: null } : null;
}
