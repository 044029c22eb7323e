/** Times, durations, numbers and states as people read them. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Returns a duration in ms as text with its two largest units: `2 d 3 h`, `4.2 s`, `310 ms`. */
export function span(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${Math.round(ms / 100) / 10} s`;
  const [large, small, unit, smaller] =
    ms < HOUR
      ? ([MINUTE, SECOND, 'min', 's'] as const)
      : ms < DAY
        ? ([HOUR, MINUTE, 'h', 'min'] as const)
        : ([DAY, HOUR, 'd', 'h'] as const);
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${unit}${rest > 0 ? ` ${rest} ${smaller}` : ''}`;
}

/** Returns a whole number with separators. */
export function amount(value: number): string {
  return value.toLocaleString('en');
}

/** Returns a share between 0 and 1 in percent; `–` for `null`. */
export function percent(share: number | null): string {
  return share === null ? '–' : `${(100 * share).toFixed(1)} %`;
}

/** Returns a size in bytes with a binary unit: `1.5 MiB`. */
export function bytes(size: number): string {
  const power = Math.min(3, Math.floor(Math.log2(Math.max(1, size)) / 10));
  const value = size / 1_024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB'][power]}`;
}

/** Returns a number with its noun: `1 job`, `1,200 jobs`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${amount(value)} ${value === 1 ? noun : plural}`;
}

/** A moment, shown by its distance from now; `at` is in ms since the epoch. */
export function Moment({ at, now }: { at: number | null; now: number }) {
  if (at === null) return <span class="soft">–</span>;
  const iso = new Date(at).toISOString();
  const text = at > now ? `in ${span(at - now)}` : now - at < SECOND ? 'now' : `${span(now - at)} ago`;
  return (
    <time datetime={iso} title={iso}>
      {text}
    </time>
  );
}

/** A moment as date and time in UTC, for records that are compared with others; `at` is ISO 8601 in UTC. */
export function Stamp({ at }: { at: string }) {
  return <time datetime={at}>{`${at.slice(0, 19).replace('T', ' ')} UTC`}</time>;
}

const TONES: Readonly<Record<string, string>> = {
  ...{ done: 'good', ok: 'good', fresh: 'good', off: 'good', running: 'busy', queued: 'busy', stale: 'busy' },
  ...{ dead: 'bad', failed: 'warn', crashed: 'bad', timeout: 'bad', down: 'bad', paused: 'warn', degraded: 'warn' },
  ...{ refused: 'warn', erased: 'warn', valid: 'good', wrong: 'bad' },
  ...{ firing: 'bad', pending: 'warn', fired: 'bad', resolved: 'good' },
};

/** A state as a badge. Its text says the state, so the colour is not needed. */
export function Badge({ state }: { state: string }) {
  return <span class={`badge ${TONES[state] ?? 'plain'}`}>{state}</span>;
}

/** Texts and data of a program, in lines as they are. */
export function Data({ value }: { value: unknown }) {
  return <pre tabindex={0}>{typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</pre>;
}
