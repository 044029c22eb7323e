/**
 * The shared source of all parts of the seed: one seeded random generator, ids that sort by time, and dates before
 * "now", the moment of seeding. Every draw advances the generator, so the order of the calls affects the result.
 */
import { base, en, Faker } from '@faker-js/faker';
import { ulid } from 'ulid';

export interface World {
  tenantId: string;
  /** The moment of seeding. */
  now: Date;
  faker: Faker;
  /** An id such as `deal_01J…`, sorting at `date`. */
  id(prefix: string, date: Date): string;
  /** A working-hours moment between `from` and `to` days before now. */
  daysAgo(from: number, to: number): Date;
  /** A moment between `date` and now. */
  since(date: Date): Date;
  /** One of the items. */
  pick<T>(items: readonly T[]): T;
  /** One of the values, as often as its weight says. */
  weighted<T extends string>(weights: Record<T, number>): T;
}

export const day = 24 * 60 * 60 * 1000;

/** Adds days (also negative) to a date. */
export function addDays(date: Date, days: number): Date {
  return new Date(date.getTime() + days * day);
}

/** The day of a date, as a DATE column holds it. */
export function toDay(date: Date): Date {
  return new Date(`${date.toISOString().slice(0, 10)}T00:00:00.000Z`);
}

/** Makes the world of one tenant. The same tenant, number and moment give the same world. */
export function makeWorld(tenantId: string, seed: number, now: Date): World {
  const faker = new Faker({ locale: [en, base], seed });
  faker.setDefaultRefDate(now);
  const random = () => faker.number.int({ max: 2 ** 20 - 1 }) / 2 ** 20;
  return {
    tenantId,
    now,
    faker,
    id: (prefix, date) => `${prefix}_${ulid(date.getTime(), random)}`,
    daysAgo(from, to) {
      const date = toDay(addDays(now, -faker.number.int({ min: to, max: from })));
      const time = faker.number.int({ min: 8 * 3600, max: 18 * 3600 }) * 1000;
      return new Date(Math.min(date.getTime() + time, now.getTime()));
    },
    since: (date) => new Date(date.getTime() + Math.floor(random() * Math.max(0, now.getTime() - date.getTime()))),
    pick: (items) => faker.helpers.arrayElement(items),
    weighted: <T extends string>(weights: Record<T, number>) =>
      faker.helpers.weightedArrayElement(
        (Object.keys(weights) as T[]).map((value) => ({ value, weight: weights[value] })),
      ),
  };
}
