/**
 * Days (`2026-11-20`) and months (`2026-11`) as text, in UTC. A query whose value depends on today has the day or the
 * month among its arguments, so its entries end with it and the loader needs no clock.
 */

/** The day of a moment, in UTC. */
export function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}

/** The month of a day. */
export function monthOf(day: string): string {
  return day.slice(0, 7);
}

/** The first day of the month that many months away; negative is before. */
export function firstDay(month: string, monthsAway = 0): string {
  const [year, number] = month.split('-').map(Number);
  return dayOf(new Date(Date.UTC(year ?? 0, (number ?? 1) - 1 + monthsAway, 1)));
}

const DAY_MS = 86_400_000;

/** The day that many days away; negative is before. */
export function addDays(day: string, days: number): string {
  return dayOf(new Date(Date.parse(day) + days * DAY_MS));
}

/** How many days the other is away; negative if it is before, `NaN` if one is no day. */
export function daysBetween(day: string, other: string): number {
  return (Date.parse(other) - Date.parse(day)) / DAY_MS;
}

/** A day as a DATE column takes it. `undefined` leaves the column alone, `null` empties it. */
export function dayColumn<Day extends string | null | undefined>(day: Day): Date | Exclude<Day, string> {
  return typeof day === 'string' ? new Date(day) : (day as Exclude<Day, string>);
}
