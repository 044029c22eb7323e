/**
 * Every snapshot in `test/fixtures/stored` is loaded into an empty Redis and an empty database, and the current code
 * reads the data through its public behaviour. See docs/stored-formats.md.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Family, families } from '../../../src/platform/redis/keys.ts';
import type { Given } from './part.ts';
import { parts } from './parts/index.ts';
import { loadKeys, loadRows, readKeys, type StoredKey, type StoredRows } from './snapshot.ts';
import { openStoredWorld, type StoredWorld } from './world.ts';

const root = join(import.meta.dirname, '../../..');
const fixtures = join(root, 'test/fixtures/stored');
const days = readdirSync(fixtures).sort();
const readFixture = <Content>(day: string, name: string): Content =>
  JSON.parse(readFileSync(join(fixtures, day, `${name}.json`), 'utf8')) as Content;

// The tests run in order on one world with a moving clock, like the requests of a day.
for (const day of days) describe(`what was stored on ${day}`, { shuffle: false }, () => readsAll(day));

function readsAll(day: string): void {
  const given = readFixture<Record<string, Given>>(day, 'given');
  const stored = readFixture<Record<string, StoredKey>>(day, 'redis');
  let world: StoredWorld;
  beforeAll(async () => {
    const jobs = parts.flatMap((part) => part.jobs ?? []);
    const schedules = parts.flatMap((part) => part.schedules ?? []);
    world = await openStoredWorld(Date.parse(`${day}T12:00:00Z`), `read ${day}`, jobs, schedules);
    await loadKeys(world.redis, stored);
    await loadRows(world.database, readFixture<StoredRows>(day, 'rows'));
  });
  afterAll(() => world?.close());

  for (const { name, reads } of parts.filter((part) => part.name in given)) {
    describe(name, () => {
      test.each(Object.entries(reads))('%s', (_title, read) => read(world, given[name] ?? {}));
    });
  }

  test('2/13 every key has the type of its family, and a time to live unless its family has none', async () => {
    const wrong = Object.entries(await readKeys(world.redis)).filter(([name, { type, ttlMs }]) => {
      const family = Object.values(families).find(({ code }) => code === name.split(':')[2]);
      // Keys of a removed family stay where an earlier release has stored them.
      if (!family) return !(name in stored);
      const isTyped = family.type.replace('sorted set', 'zset').split(' or ').includes(type);
      const endless = family.ttl.startsWith('none');
      const ends = family.ttl.startsWith('as given') || (endless ? ttlMs === -1 : ttlMs > 0);
      return !isTyped || !ends;
    });
    expect(wrong.map(([name, { type, ttlMs }]) => ({ name, type, ttlMs }))).toEqual([]);
  });
}

describe('docs/stored-formats.md', () => {
  const document = readFileSync(join(root, 'docs/stored-formats.md'), 'utf8');
  const rows = new Map(
    [...document.matchAll(/^\| `([\w.]+)` \| (read|missed|none|gone) \|/gm)].map(([, name = '', promise = '']) => [
      name,
      promise,
    ]),
  );
  const keys = days.flatMap((day) => Object.keys(readFixture<Record<string, StoredKey>>(day, 'redis')));
  const familiesSeen = new Set(keys.map((name) => name.split(':')[2]));

  test.each(Object.keys(families) as Family[])('the family %s has a row and a snapshot', (family) => {
    expect(rows.get(family), 'add a row for it to docs/stored-formats.md').toBeDefined();
    if (rows.get(family) === 'none') return;
    expect(familiesSeen.has(families[family].code), 'record a snapshot: npm run formats:record -- <day>').toBe(true);
  });

  test('has no row for a removed family', () => {
    const tables = days.flatMap((day) => Object.keys(readFixture<StoredRows>(day, 'rows')));
    const known = new Set<string>([...Object.keys(families), ...tables, 'accessToken']);
    expect([...rows].filter(([name, promise]) => promise !== 'gone' && !known.has(name))).toEqual([]);
  });
});
