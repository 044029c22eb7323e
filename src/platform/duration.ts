/** Durations as people write them: `'30s'`, `'5m'`, `'1h'`, `'7d'`, or a number of milliseconds. Nowhere bare seconds. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * A duration in milliseconds.
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

/** A duration in ms as the header `Retry-After`: whole seconds, never early, at least one. */
export function retryAfter(ms: number): { 'retry-after': string } {
  return { 'retry-after': String(Math.max(1, Math.ceil(ms / 1000))) };
}
