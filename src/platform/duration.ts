/** A duration: `'30s'`, `'5m'`, `'1h'`, `'7d'`, or a number of milliseconds. A number never means seconds. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Converts a duration to milliseconds.
 * @throws {TypeError} if the text is not a non-negative number and a unit.
 */
export function milliseconds(duration: Duration): number {
  if (typeof duration === 'number') {
    if (!(Number.isFinite(duration) && duration >= 0)) throw new TypeError(`Not a duration in ms: ${duration}`);
    return duration;
  }
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration) ?? [];
  if (amount === undefined || unit === undefined) throw new TypeError(`Not a duration: ${JSON.stringify(duration)}`);
  return Number(amount) * UNITS[unit as keyof typeof UNITS];
}

/** Returns the header `Retry-After` for a duration in ms: in whole seconds, rounded up, at least 1. */
export function retryAfter(ms: number): { 'retry-after': string } {
  return { 'retry-after': String(Math.max(1, Math.ceil(ms / 1000))) };
}

const DAY_MS = 86_400_000;
/**
 * The three forms of a date in a header, which every recipient accepts (RFC 9110, section 5.6.7): that of senders today
 * (`Sun, 06 Nov 1994 08:49:37 GMT`), that of RFC 850 (`Sunday, 06-Nov-94 08:49:37 GMT`), and that of `asctime`
 * (`Sun Nov  6 08:49:37 1994`).
 */
const HTTP_DATES = [
  /^[A-Z][a-z]{2}, (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]{5,8}, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/,
];

/**
 * Reads a date of a header in ms since the epoch; `undefined` for any other text. `now` decides the century of a year
 * with two digits, which lies at most 50 years ahead.
 */
export function readHttpDate(text: string, now: number): number | undefined {
  const form = HTTP_DATES.find((each) => each.test(text));
  const { day, month, year = '', time } = form?.exec(text)?.groups ?? {};
  if (day === undefined) return undefined;
  const thisYear = new Date(now).getUTCFullYear();
  let full = Number(year);
  if (year.length === 2) {
    full += thisYear - (thisYear % 100);
    if (full > thisYear + 50) full -= 100;
  }
  const ms = Date.parse(`${day.trim()} ${month} ${String(full).padStart(4, '0')} ${time} GMT`);
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * Reads a header `Retry-After`: seconds or a date (RFC 9110, section 10.2.3). Every answer of another service is read
 * by this function.
 * @param now ms since the epoch
 * @returns the wait in ms, from 0 to a day; `undefined` without the header, and for any other text.
 */
export function readRetryAfter(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? '';
  const at = readHttpDate(text, now);
  if (at === undefined && !/^\d+$/.test(text)) return undefined;
  const ms = at === undefined ? Number(text) * 1000 : at - now;
  return Math.min(DAY_MS, Math.max(0, ms));
}

/** The longest wait that the service of an effect can ask of the outbox and of the sweep of jobs, in ms. */
const LONGEST_ASKED_WAIT_MS = 600_000;

/** Returns the wait that the service of a failed effect asked for, in ms and at most ten minutes; 0 without one. */
export function askedWaitOf(error: unknown): number {
  const asked = error instanceof Error && 'retryAfterMs' in error ? error.retryAfterMs : undefined;
  return typeof asked === 'number' ? Math.min(LONGEST_ASKED_WAIT_MS, asked) : 0;
}
