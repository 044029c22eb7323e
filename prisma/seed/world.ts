/**
 * The shared source of all parts of the seed: a random generator with a fixed seed, ids that sort by time, and dates
 * before the moment of seeding. Every random value changes the state of the generator, so the order of the calls
 * affects the result.
 */
import { base, en, Faker } from '@faker-js/faker';
import { ulid } from 'ulid';

export interface World {
  tenantId: string;
  /** The moment of seeding. */
  now: Date;
  faker: Faker;
  /** Returns an id such as `deal_01J…`, which sorts by `date`. */
  id(prefix: string, date: Date): string;
  /** Returns a moment in working hours, at most `from` and at least `to` days before now. */
  daysAgo(from: number, to: number): Date;
  /** Returns a moment between `date` and now. */
  since(date: Date): Date;
  /** Returns one of the items. */
  pick<T>(items: readonly T[]): T;
  /** Returns one of the values. A value with a larger weight is returned more often. */
  weighted<T extends string>(weights: Record<T, number>): T;
}

export const day = 24 * 60 * 60 * 1000;

/** Adds days (also negative) to a date. */
export function addDays(date: Date, days: number): Date {
  return new Date(date.getTime() + days * day);
}

/** Returns the day of a date, in the form of a DATE column. */
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
