/**
 * The floors of the architecture: a file imports from its own room or from a lower floor, other rooms import only a
 * room's `index.ts`, and no imports form a circle. The rules are functions of the files' imports, so that the test of
 * the rules can pass them an invented tree with each mistake in it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { circlesIn, type House, importsOf, readHouse } from '../support/imports.ts';

const ROOT = join(import.meta.dirname, '../..');

/** From the ground up. Rooms of one floor do not import each other. */
const FLOORS = [
  [
    ...[
      'awaited-later',
      'background',
      'coded-error',
      'declared',
      'duration',
      'error-report',
      'joined-fetch',
      'keep-alive-fetch',
      'log',
      'redact',
      'system',
      'text',
      'version',
    ].map(inPlatform),
    'app/build-id',
  ],
  ['redis', 'sql', 'telemetry'].map(inPlatform),
  ['counters'].map(inPlatform),
  ['outbox', 'outbound', 'passwords'].map(inPlatform),
  ['read-log'].map(inPlatform),
  ['db', 'cache', 'sessions', 'limits', 'locks', 'events', 'channels', 'mail', 'public-fetch', 'usage'].map(inPlatform),
  ['codes', 'gate', 'memory-channel'].map(inPlatform),
  ['http'].map(inPlatform),
  ['rest', 'search', 'pages'].map(inPlatform),
  ['feeds', 'documents'].map(inPlatform),
  ['jobs'].map(inPlatform),
  ['alerts', 'observe', 'streams', 'holdfast-settings'].map(inPlatform),
  ['audit', 'numbers'].map(inPlatform),
  ['holdfast', 'module'].map(inPlatform),
  ['identity'],
  ['inbox'],
  ['crm', 'care', 'console'],
  ['app/env', 'app/job-types'],
  ['app/modules', 'app/isolate'],
  ['app/live'],
  ['app/tenant-scope', 'app/spans', 'app/operations'],
  ['app/scope'],
  ['app/platform', 'app/background'],
  ['app/app', 'app/complete'],
  ['functions'],
];
/** Further doors of rooms: parts that most users of the room do without. */
const SIDE_DOORS = [
  'src/care/screens/index.ts',
  'src/platform/feeds/browser/index.ts',
  'src/platform/feeds/lua.ts',
  'src/platform/jobs/admin/index.ts',
  'src/platform/pages/browser/index.ts',
  'src/platform/streams/admin/index.ts',
];
/** Products: only the files that assemble the app may import them. */
const PRODUCTS = ['identity', 'inbox', 'crm', 'care', 'console'];

function inPlatform(room: string): string {
  return `platform/${room}`;
}

/** `src/platform/cache/read.ts` is in room `platform/cache`, and `src/crm/warm.ts` in `crm`. */
function roomOf(path: string): string {
  const [part = '', name = '', room = ''] = path.split('/');
  if (part === 'functions') return 'functions';
  return ['platform', 'app'].includes(name) ? `${name}/${room.replace(/\.ts$/, '')}` : name;
}
const floorOf = (room: string) => FLOORS.findIndex((rooms) => rooms.includes(room));
const isOurs = (path: string) => path.startsWith('src/') || path.startsWith('functions/');

/** Every forbidden import between files of the project, with the reason. */
function mistakesIn(house: House): string[] {
  const mistakes: string[] = [];
  for (const [file, imports] of house) {
    const room = roomOf(file);
    if (floorOf(room) < 0) mistakes.push(`${file}: ${room} has no floor`);
    for (const target of imports) {
      const say = (what: string) => mistakes.push(`${file} → ${target}: ${what}`);
      if (!target.includes('/') || !/^(src|functions|dev|test|prisma|bench|\.\.)(\/|$)/.test(target)) continue;
      if (!isOurs(target)) {
        say('outside the house');
        continue;
      }
      if (!house.has(target) && !target.startsWith('src/generated/')) say('is not there');
      const other = roomOf(target);
      if (other === room) continue;
      if (floorOf(other) > floorOf(room)) say('upward');
      else if (floorOf(other) === floorOf(room) && floorOf(room) > 0) say('across');
      if (PRODUCTS.includes(other) && room.startsWith('platform/')) say('a product');
      const doors = [`src/${other}.ts`, `src/${other}/index.ts`, ...SIDE_DOORS];
      if (!doors.includes(target)) say('not by the index.ts');
    }
  }
  return mistakes;
}

function roomsOf(house: House): Map<string, string[]> {
  const rooms = new Map<string, string[]>();
  for (const [file, imports] of house) {
    const others = imports
      .filter(isOurs)
      .map(roomOf)
      .filter((room) => room !== roomOf(file));
    rooms.set(roomOf(file), [...(rooms.get(roomOf(file)) ?? []), ...others]);
  }
  return rooms;
}

describe('the house', () => {
  const house = readHouse(['src', 'functions']);

  test('has every file read', () => {
    expect(house.size).toBeGreaterThan(40);
    expect(house.get('src/app/isolate.ts')).toEqual(
      expect.arrayContaining(['src/platform/cache/index.ts', 'src/platform/db/index.ts', 'src/app/env.ts']),
    );
    expect(house.get('src/platform/db/libraries.ts')).toContain('@prisma/adapter-pg');
    // Files without any import are rare, so this list shows a form of import that the reader does not know.
    const alone = [...house].filter(([, imports]) => imports.length === 0).map(([file]) => file);
    for (const file of alone) {
      const words = readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
      expect(words, file).not.toMatch(/\bimport\b|\bfrom '/);
    }
  });

  test('every import goes to its own room, or to the index.ts of a room on a lower floor', () => {
    expect(mistakesIn(house)).toEqual([]);
  });

  test('no circles between rooms', () => {
    expect(circlesIn(roomsOf(house))).toEqual([]);
  });

  test('no circles between files', () => {
    expect(circlesIn(house)).toEqual([]);
  });
});

/** The platform's own tables; all others belong to products. */
const PLATFORM_TABLES = [
  ...['alert_states', 'alert_changes', 'alert_silences', 'alert_messages'],
  ...['audit_entries', 'audit_seals', 'audit_anchors'],
  ...['outbox', 'job_steps', 'idempotent_commits', 'applied_writes'],
  ...['search_entries', 'search_words'],
  ...['events', 'stream_groups', 'dead_events', 'projection_versions', 'documents'],
  ...['numbers', 'number_changes', 'number_sources', 'number_states'],
];

/** The tables, models and roles of products, as the schema has them. */
function productNames() {
  const schema = readFileSync(join(ROOT, 'prisma/schema.prisma'), 'utf8');
  const models = [...schema.matchAll(/^model (\w+) \{(?:(?!^\}).)*?@@map\("(\w+)"\)/gms)]
    .map(([, model = '', table = '']) => ({ model: model.charAt(0).toLowerCase() + model.slice(1), table }))
    .filter(({ table }) => !PLATFORM_TABLES.includes(table));
  const roles = /enum Role \{\n([^@]*)/.exec(schema)?.[1]?.trim().split(/\s+/) ?? [];
  return { models: models.map(({ model }) => model), tables: models.map(({ table }) => table), roles };
}

/** The names of products in a file of the platform. Comments may have examples. */
function productNamesIn(source: string, { models, tables, roles }: ReturnType<typeof productNames>): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
  const patterns = [
    // `client.deal.findMany`, `FROM deals`, `role === 'owner'`, `'crm:read'`
    new RegExp(`\\.(?:${models.join('|')})\\.\\w+\\(`, 'g'),
    new RegExp(`\\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\\s+"?(?:${tables.join('|')})\\b`, 'gi'),
    new RegExp(`\\brole\\b[^\\n]*'(?:${roles.join('|')})'`, 'g'),
    /'(?:crm|care|users|keys):[a-z*]+'/g,
  ];
  return patterns.flatMap((pattern) => code.match(pattern) ?? []);
}

describe('the platform', () => {
  const names = productNames();

  test('names no table, model, role or right of a product', () => {
    expect(names.models).toContain('deal');
    expect(names.roles).toContain('owner');
    const found: string[] = [];
    for (const entry of readdirSync(join(ROOT, 'src/platform'), { recursive: true, encoding: 'utf8' })) {
      if (!entry.endsWith('.ts')) continue;
      const source = readFileSync(join(ROOT, 'src/platform', entry), 'utf8');
      for (const name of productNamesIn(source, names)) found.push(`${entry}: ${name}`);
    }
    expect(found).toEqual([]);
  });

  test.each([
    ['const row = await client.deal.findMany({ where });', '.deal.findMany('],
    ["query('SELECT id FROM users WHERE id = $1')", 'FROM users'],
    ["if (role === 'owner') return true;", "role === 'owner'"],
    ["gate({ access: 'crm:read' })", "'crm:read'"],
  ])('%s is found', (source, found) => {
    expect(productNamesIn(source, names)).toEqual([found]);
    expect(productNamesIn(`/** ${source} */`, names)).toEqual([]);
  });
});

describe('the rules', () => {
  const sound: [string, string[]][] = [
    ['src/platform/log.ts', []],
    ['src/platform/redis/index.ts', ['src/platform/redis/keys.ts']],
    ['src/platform/redis/keys.ts', ['src/platform/log.ts', 'node:crypto', '@upstash/redis']],
    ['src/platform/cache/index.ts', ['src/platform/redis/index.ts']],
    ['src/platform/limits/index.ts', ['src/platform/redis/index.ts']],
    ['src/platform/http/index.ts', ['src/platform/cache/index.ts']],
    ['src/crm/index.ts', ['src/platform/http/index.ts', 'src/platform/cache/index.ts']],
    ['src/care/index.ts', ['src/platform/http/index.ts']],
    ['src/app/app.ts', ['src/crm/index.ts']],
    ['functions/aws.ts', ['src/app/app.ts']],
  ];

  test('a sound house has no mistakes', () => {
    const house: House = new Map(sound);
    expect([...mistakesIn(house), ...circlesIn(house), ...circlesIn(roomsOf(house))]).toEqual([]);
  });

  test.each([
    ['upward', 'src/platform/redis/keys.ts', 'src/platform/cache/index.ts'],
    ['upward', 'src/platform/log.ts', 'src/platform/redis/index.ts'],
    ['across', 'src/platform/limits/index.ts', 'src/platform/cache/index.ts'],
    ['across', 'src/crm/index.ts', 'src/care/index.ts'],
    ['a product', 'src/platform/http/index.ts', 'src/crm/index.ts'],
    ['a product', 'src/platform/jobs/index.ts', 'src/identity/index.ts'],
    ['not by the index.ts', 'src/platform/cache/index.ts', 'src/platform/redis/keys.ts'],
    ['outside the house', 'src/platform/log.ts', 'dev/redis/server.ts'],
    ['outside the house', 'src/platform/log.ts', 'prisma/demo.ts'],
    ['outside the house', 'src/platform/log.ts', 'test/support/app.ts'],
    ['outside the house', 'src/platform/log.ts', '../elsewhere.ts'],
    ['is not there', 'src/platform/log.ts', 'src/gone.ts'],
    ['has no floor', 'src/helpers/index.ts', 'src/platform/log.ts'],
  ])('%s: %s → %s', (mistake, file, target) => {
    const house: House = new Map(sound);
    house.set(file, [...(house.get(file) ?? []), target]);
    expect(mistakesIn(house).join('\n')).toContain(mistake);
  });

  test('circles between files and between rooms', () => {
    expect(
      circlesIn(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['a']],
        ]),
      ),
    ).toEqual(['a → b → c → a']);
    expect(
      circlesIn(
        new Map([
          ['a', ['b', 'c']],
          ['b', ['c']],
          ['c', []],
        ]),
      ),
    ).toEqual([]);
    const rooms: House = new Map([
      ['src/platform/log.ts', ['src/app/env.ts']],
      ['src/app/env.ts', ['src/platform/log.ts']],
    ]);
    expect(circlesIn(roomsOf(rooms))).toHaveLength(1);
  });

  test('every form of import is read, but no import in a comment or a string', () => {
    const source = `
      /** import { no } from './comment.ts'; */
      // import { no } from './line.ts';
      import a from './a.ts';
      import type { B } from "./b.ts";
      import {
        c,
        type D,
      } from './c.ts';
      import './d.ts';
      import * as e from './e.ts';
      export { f } from './f.ts';
      export * from './g.ts';
      export type { H } from './h.ts';
      const [i, j] = await Promise.all([import('./i.ts'), import( "./j.ts" )]);
      type K = import('./k.ts').K;
      export const from = 'text';
      const text = 'it is from nowhere';
      const url = 'https://a.example'; import l from './l.ts';`;
    expect(importsOf(source).sort()).toEqual('abcdefghijkl'.split('').map((name) => `./${name}.ts`));
  });
});
