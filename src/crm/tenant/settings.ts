/**
 * The settings of a tenant that its numbers follow: the currency, and the time zone of its days and months. Numbers of
 * one user's dashboard follow the time zone of this user, if the user has one.
 */
import type { PrismaClient } from '../../platform/db/index.ts';
import { addDays, dayIn, daysBetween, firstDay, monthOf, placesOf, startOfDay } from '../../platform/rest/index.ts';

/** The settings of a tenant. */
export interface TenantSettings {
  /** ISO 4217. All amounts of a tenant are in it. */
  currency: string;
  /** The decimal places of the currency. */
  places: number;
  /** An IANA name. */
  timeZone: string;
}

/** Loads the settings of a tenant. 1 query. */
export async function loadSettings(client: Pick<PrismaClient, 'tenant'>, tenant: string): Promise<TenantSettings> {
  const select = { currency: true, timeZone: true } as const;
  const { currency, timeZone } = await client.tenant.findUniqueOrThrow({ where: { id: tenant }, select });
  return { currency, places: placesOf(currency), timeZone: timeZone ?? 'UTC' };
}

/** Loads the time zone of a user, or of the tenant; `null` if the user does not exist. 1 query. */
export async function timeZoneOf(client: PrismaClient, tenant: string, userId: string): Promise<string | null> {
  const [row] = await client.$queryRaw<{ timeZone: string }[]>`
    SELECT coalesce(u.time_zone, t.time_zone, 'UTC') AS "timeZone" FROM users u JOIN tenants t ON t.id = u.tenant_id
    WHERE u.tenant_id = ${tenant} AND u.id = ${userId}`;
  return row?.timeZone ?? null;
}

/** Returns the end of a value's day, in ms since the epoch: the value is wrong from then on. */
export function endOfDay({ day, timeZone }: { day: string; timeZone: string }): number {
  return startOfDay(addDays(day, 1), timeZone);
}

/** Returns the end of the last month of a report, in ms since the epoch: the report is wrong from then on. */
export function endOfMonths({ months, timeZone }: { months: readonly { month: string }[]; timeZone: string }): number {
  return startOfDay(firstDay(months.at(-1)?.month ?? '', 1), timeZone);
}

/** Returns the current month in a zone. `now` is the time in ms since the epoch. */
export function monthIn(timeZone: string, now: number): string {
  return monthOf(dayIn(timeZone, now));
}

/** The begin of a month in a zone, `monthsAway` months later: the time in UTC, for a TIMESTAMP column. */
export function startOfMonth(month: string, timeZone: string, monthsAway = 0): Date {
  return new Date(startOfDay(firstDay(month, monthsAway), timeZone));
}

/** Consecutive months, with the begin and the end of each, as lists for `unnest`. */
export interface Months {
  names: string[];
  starts: Date[];
  ends: Date[];
}

/** Returns the `count` months up to `last`, the oldest first. */
export function monthsUpTo(last: string, count: number, timeZone: string): Months {
  const names = Array.from({ length: count }, (_each, index) => monthOf(firstDay(last, index + 1 - count)));
  const borders = [...names, monthOf(firstDay(last, 1))].map((month) => startOfMonth(month, timeZone));
  return { names, starts: borders.slice(0, -1), ends: borders.slice(1) };
}

/** Consecutive days, with the begin and the end of each, as lists for `unnest`. */
export interface Days {
  names: string[];
  /** Moments as text, for `timestamp[]`. */
  starts: string[];
  ends: string[];
}

/** Returns the days from `first` to `last`, both included, in a zone. A day that the zone skips is empty. */
export function daysIn(timeZone: string, first: string, last: string): Days {
  const names = Array.from({ length: daysBetween(first, last) + 1 }, (_each, index) => addDays(first, index));
  const borders = [...names, addDays(last, 1)].map((day) => new Date(startOfDay(day, timeZone)).toISOString());
  return { names, starts: borders.slice(0, -1), ends: borders.slice(1) };
}
