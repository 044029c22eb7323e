/** Times, names and states of the care area as people read them. */
import { timeIn } from '../../platform/rest/index.ts';
import type { Status } from '../appointments/flow.ts';

const MINUTE_MS = 60_000;
/** The minutes from which on a wait is marked as long or very long. */
const LONG_WAIT = 15;
const VERY_LONG_WAIT = 30;

/** Returns whole minutes as text. `ms` is a duration. */
export function minutes(ms: number): string {
  const count = Math.max(0, Math.floor(ms / MINUTE_MS));
  return count < 60 ? `${count} min` : `${Math.floor(count / 60)} h ${count % 60} min`;
}

/** Returns how a wait is marked. The mark repeats a text, so the colour is not needed. `ms` is its duration. */
export function toneOfWait(ms: number): 'good' | 'warn' | 'bad' {
  const count = Math.floor(ms / MINUTE_MS);
  return count >= VERY_LONG_WAIT ? 'bad' : count >= LONG_WAIT ? 'warn' : 'good';
}

/** How long a patient is in the present state. The script of the page counts on. */
export function Since({ at, now, tone = false }: { at: string; now: number; tone?: boolean }) {
  const ms = now - Date.parse(at);
  return (
    <strong class={tone ? `wait ${toneOfWait(ms)}` : 'wait'} data-since={at}>
      {minutes(ms)}
    </strong>
  );
}

/** The time of day of a moment in the zone of the tenant. `at` is ISO 8601 in UTC. */
export function Clock({ at, zone }: { at: string; zone: string }) {
  return <time datetime={at}>{timeIn(zone, Date.parse(at))}</time>;
}

/** A moment with its day, in UTC. `at` is ISO 8601 in UTC. */
export function Stamp({ at }: { at: string }) {
  return <time datetime={at}>{`${at.slice(0, 16).replace('T', ' ')} UTC`}</time>;
}

/** The statuses of a visit, as the board names them. */
export const STATUS: Readonly<Record<Status, string>> = {
  ...{ booked: 'Booked', arrived: 'Waiting', in_room: 'In room', with_clinician: 'With clinician' },
  ...{ finished: 'Finished', cancelled: 'Cancelled', missed: 'Missed', left: 'Left' },
};

const TONES: Readonly<Record<string, string>> = {
  ...{ ok: 'good', justified: 'good', permit: 'good', open: 'busy', finished: 'good', in_room: 'busy' },
  ...{ refused: 'warn', late: 'bad', unjustified: 'bad', deny: 'bad', restricted: 'warn', failed: 'bad' },
  ...{ waiting: 'warn', arrived: 'warn', with_clinician: 'busy' },
};

/** A state as a badge. Its text says the state, so the colour is not needed. */
export function Badge({ state, text = state }: { state: string; text?: string }) {
  return <span class={`badge ${TONES[state] ?? 'plain'}`}>{text}</span>;
}

/** Initials of a person for a small picture. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '');
  return [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '').join('');
}
