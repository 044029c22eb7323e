/**
 * Days (`2026-11-20`) and months (`2026-11`) as text, in UTC. A query whose value depends on today takes the day or
 * the month as an argument: a new day means a new cache entry, and the loader needs no clock.
 */

/** Returns the day of a moment, in UTC. */
export function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}

/** Returns the month of a day. */
export function monthOf(day: string): string {
  return day.slice(0, 7);
}

/** Returns the first day of the month `monthsAway` months later; a negative number means earlier. */
export function firstDay(month: string, monthsAway = 0): string {
  const [year, number] = month.split('-').map(Number);
  return dayOf(new Date(Date.UTC(year ?? 0, (number ?? 1) - 1 + monthsAway, 1)));
}

const DAY_MS = 86_400_000;

/** Returns the day `days` days later; a negative number means earlier. */
export function addDays(day: string, days: number): string {
  return dayOf(new Date(Date.parse(day) + days * DAY_MS));
}

/** Counts the days from `day` to `other`; negative if `other` is earlier, `NaN` if one of the days is invalid. */
export function daysBetween(day: string, other: string): number {
  return (Date.parse(other) - Date.parse(day)) / DAY_MS;
}

/** Converts a day for a DATE column. `undefined` leaves the column unchanged, `null` clears it. */
export function dayColumn<Day extends string | null | undefined>(day: Day): Date | Exclude<Day, string> {
  return typeof day === 'string' ? new Date(day) : (day as Exclude<Day, string>);
}
