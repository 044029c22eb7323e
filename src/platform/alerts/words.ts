/** Values of alerts as texts. */
import type { Alert, Unit } from './alert.ts';

/** Returns a value with its unit: `81.3 %`, `512`, `340 ms`, `2.4 ×`. */
export function valueInWords({ unit }: { unit: Unit }, value: number | null): string {
  if (value === null) return 'no value';
  switch (unit) {
    case 'share':
      return `${rounded(value * 100)} %`;
    case 'count':
      return rounded(value);
    case 'ms':
      return value >= 60_000 ? `${rounded(value / 60_000)} min` : `${rounded(value)} ms`;
    case 'times':
      return `${rounded(value)} ×`;
  }
}

/** Returns the limit: `above 80 %`. */
export function limitInWords(alert: Pick<Alert, 'unit' | 'side' | 'limit'>): string {
  return `${alert.side} ${valueInWords(alert, alert.limit)}`;
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(3)));
}
