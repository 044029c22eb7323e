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
/** The form of dates that RFC 9110 requires of senders: `Sun, 06 Nov 1994 08:49:37 GMT`. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/** Reads a date of a header (RFC 9110, section 5.6.7) in ms since the epoch; `undefined` for any other text. */
export function readHttpDate(text: string): number | undefined {
  const ms = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * Reads a header `Retry-After`: seconds or a date (RFC 9110, section 10.2.3).
 * @param now ms since the epoch
 * @returns the wait in ms, from 0 to a day; `undefined` without the header, and for any other text.
 */
export function readRetryAfter(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? '';
  const isDate = HTTP_DATE.test(text);
  if (!isDate && !/^\d+$/.test(text)) return undefined;
  const ms = isDate ? Date.parse(text) - now : Number(text) * 1000;
  return Number.isNaN(ms) ? undefined : Math.min(DAY_MS, Math.max(0, ms));
}
