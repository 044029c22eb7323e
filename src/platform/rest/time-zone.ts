/**
 * Days of time zones: the day of a moment, and the moment at which a day begins. Zones are IANA names; the data comes
 * from `Intl`, and follows every change of an offset.
 */
import { dayOf } from './calendar.ts';

const HOUR_MS = 3_600_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Returns the format of a zone, made once in each isolate, because making it takes longer than using it. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en-US', { ...numeric, second: 'numeric', timeZone, hourCycle: 'h23' });
    formats.set(timeZone, format);
  }
  return format;
}

/** Returns the local time of a moment, as the moment at which a clock of UTC shows this time. Both in ms. */
function localOf(timeZone: string, ms: number): number {
  if (timeZone === 'UTC') return ms;
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(ms)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** Returns the day of a moment in a zone. `ms` is the time since the epoch. */
export function dayIn(timeZone: string, ms: number): string {
  return dayOf(new Date(localOf(timeZone, ms)));
}

/** Returns the time of day of a moment in a zone, such as `06:00`. `ms` is the time since the epoch. */
export function timeIn(timeZone: string, ms: number): string {
  return new Date(localOf(timeZone, ms)).toISOString().slice(11, 16);
}

/** Returns the local time of a moment in a zone, to the minute: `2026-03-29T09:30`. `ms` is the time since the epoch. */
export function localTimeIn(timeZone: string, ms: number): string {
  return new Date(localOf(timeZone, ms)).toISOString().slice(0, 16);
}

/**
 * Returns the moments at which the clocks of a zone show a local time, `2026-03-29T09:30`, the earliest first, in ms
 * since the epoch. There is none if the clocks skip the time, and there are two if the clocks show it twice.
 */
export function momentsOf(timeZone: string, local: string): number[] {
  const shown = Date.parse(`${local}Z`);
  const guesses = [-24, 24].map((hours) => {
    const near = shown + hours * HOUR_MS;
    return shown - (localOf(timeZone, near) - near);
  });
  const found = guesses.filter((ms) => localOf(timeZone, ms) === shown);
  return [...new Set(found)].sort((one, other) => one - other);
}

/**
 * Returns the moment at which a day begins in a zone, in ms since the epoch. That is midnight, or the end of the gap in
 * a zone whose clock skips midnight on this day. A day that the zone skips as a whole begins with the next day.
 */
export function startOfDay(day: string, timeZone: string): number {
  const midnight = Date.parse(day);
  const begun = (ms: number) => localOf(timeZone, ms) >= midnight;
  const guess = midnight - (localOf(timeZone, midnight) - midnight);
  for (const ms of [guess, midnight - (localOf(timeZone, guess) - guess)]) {
    if (begun(ms) && !begun(ms - 1)) return ms;
  }
  // The begin of the day is looked for between these two times, because offsets are between -12 and +14 hours.
  let before = midnight - 15 * HOUR_MS;
  let after = midnight + 13 * HOUR_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (begun(middle)) after = middle;
    else before = middle;
  }
  return after;
}

/** A time from which a zone has an offset: local time minus UTC. Both in ms. */
export interface ZoneOffset {
  from: number;
  offsetMs: number;
}

/** Returns the offsets of a zone from `from` to `to` (ms since the epoch), the oldest first. */
export function offsetsOf(timeZone: string, from: number, to: number): ZoneOffset[] {
  const offsetAt = (ms: number) => localOf(timeZone, ms) - ms;
  const start = from - (from % HOUR_MS);
  const offsets = [{ from: start, offsetMs: offsetAt(start) }];
  if (timeZone === 'UTC') return offsets;
  for (let ms = start; ms < to; ms += 24 * HOUR_MS) {
    const [before, after] = [offsetAt(ms), offsetAt(ms + 24 * HOUR_MS)];
    if (before === after) continue;
    let [low, high] = [ms, ms + 24 * HOUR_MS];
    while (high - low > 60_000) {
      const middle = low + Math.floor((high - low) / 120_000) * 60_000;
      if (offsetAt(middle) === before) low = middle;
      else high = middle;
    }
    offsets.push({ from: high, offsetMs: after });
  }
  return offsets;
}

/**
 * Returns the usual spelling of a zone's IANA name; `null` if the text is no such name. Offsets such as `+02:00` are no
 * names, because they do not follow the changes of a zone.
 */
export function timeZoneName(text: string): string | null {
  if (!/^[A-Za-z][\w+/-]{0,63}$/.test(text)) return null;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions();
    // For an old name of a zone, `timeZone` is another name, which the caller would not recognise.
    return timeZone.toLowerCase() === text.toLowerCase() ? timeZone : text;
  } catch {
    return null;
  }
}
