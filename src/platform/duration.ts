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
