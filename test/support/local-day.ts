/** The day of a moment in a time zone, by the Temporal polyfill, which the product does not use. */
import { Temporal } from '@js-temporal/polyfill';

/** Returns the day (`2026-11-20`) of a moment (ms since 1970). */
export function localDay(zone: string, ms: number): string {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDate().toString();
}
