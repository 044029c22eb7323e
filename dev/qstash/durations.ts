/**
 * Parses the two notations of durations that QStash reads: QStash's own notation (`1d10h30m`) in requests, and the
 * notation of the language Go (`6m5s`, `150ms`) in the rate-limit headers of a destination's response.
 */

const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1, us: 1e-3, µs: 1e-3, ns: 1e-6 } as const;

/** Returns the milliseconds of a QStash duration, e.g. `90s` or `1d10h30m`; undefined for an invalid text. */
export function parseDuration(text: string): number | undefined {
  return /^(?:\d+[smhd])+$/.test(text) ? sum(text) : undefined;
}

/** Returns the milliseconds of a Go duration, e.g. `6m5.5s`; undefined for an invalid text. */
export function parseGoDuration(text: string): number | undefined {
  return /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text) ? sum(text) : undefined;
}

function sum(text: string): number {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)([a-zµ]+)/g)) {
    total += Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  }
  return total;
}
