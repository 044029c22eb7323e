/**
 * The folders beside `src/`: `prisma` and `clients` import only themselves and the app, `dev` and `cli` also `prisma`,
 * `bench` also `dev`, `deploy` also `dev` and `cli`.
 * Within them no imports form a circle, neither between files nor between folders.
 */
import { describe, expect, test } from 'vitest';
import { circlesIn, type House, readHouse } from '../support/imports.ts';

/** From the ground up. Folders of one floor do not import each other. */
const FLOORS = [['src'], ['functions'], ['prisma', 'clients'], ['dev', 'cli'], ['bench', 'deploy']];
const floorOf = (path: string) => FLOORS.findIndex((folders) => folders.includes(path.split('/')[0] ?? ''));

/** `dev/qstash/routes/api.ts` is in room `dev/qstash`; a file that lies beside rooms is a room of its own. */
function roomOf(path: string): string {
  return path.split('/').slice(0, 2).join('/');
}

/** Every import of another folder that is on the same floor, on a higher one, or on none. */
function upwardIn(house: House): string[] {
  return [...house].flatMap(([file, imports]) =>
    imports
      .filter((target) => house.has(target) || /^(test|docs|\.\.)(\/|$)/.test(target))
      .filter((target) => target.split('/')[0] !== file.split('/')[0])
      .filter((target) => floorOf(target) < 0 || floorOf(target) >= floorOf(file))
      .map((target) => `${file} → ${target}`),
  );
}

/** The rooms that each room imports. */
function roomsOf(house: House): Map<string, string[]> {
  const rooms = new Map<string, string[]>();
  for (const [file, imports] of house) {
    const others = imports.filter((target) => house.has(target)).map(roomOf);
    rooms.set(roomOf(file), [...(rooms.get(roomOf(file)) ?? []), ...others.filter((room) => room !== roomOf(file))]);
  }
  return rooms;
}

describe('prisma, clients, dev, cli and bench', () => {
  const tools = readHouse(['prisma', 'clients', 'dev', 'cli', 'bench', 'deploy']);
  const all: House = new Map([...readHouse(['src', 'functions']), ...tools]);

  test('every file is read, with its imports of the app and of the other folders', () => {
    for (const folder of ['prisma', 'clients', 'dev', 'cli', 'bench']) {
      expect([...tools.keys()].filter((path) => path.startsWith(`${folder}/`)).length, folder).toBeGreaterThan(10);
    }
    expect(tools.get('dev/cloud/database-setup.ts')).toContain('prisma/ready.ts');
    expect(tools.get('bench/jobs/app.ts')).toContain('src/app/app.ts');
  });

  test('no file imports a folder on the same or on a higher floor', () => {
    expect(upwardIn(all)).toEqual([]);
  });

  test('no circles between files', () => {
    expect(circlesIn(tools)).toEqual([]);
  });

  test('no circles between folders', () => {
    expect(circlesIn(roomsOf(tools))).toEqual([]);
  });

  test('dev has folders only', () => {
    expect([...tools.keys()].filter((path) => /^dev\/[^/]+$/.test(path))).toEqual([]);
  });
});

describe('the rules', () => {
  test.each([
    ['prisma/migration.ts', 'dev/postgres/start.ts'],
    ['dev/commands/dev.ts', 'bench/main.ts'],
    ['dev/commands/dev.ts', 'cli/run.ts'],
    ['dev/commands/dev.ts', 'test/support/app.ts'],
    ['clients/typescript/src/client.ts', 'dev/commands/dev.ts'],
    ['src/app/app.ts', 'prisma/demo.ts'],
  ])('forbid %s → %s', (file, target) => {
    const house: House = new Map([
      [file, [target]],
      [target, []],
    ]);
    expect(upwardIn(house)).toEqual([`${file} → ${target}`]);
    expect(upwardIn(new Map([[file, ['node:fs', `${file.split('/')[0]}/other.ts`]]]))).toEqual([]);
  });

  test('find a circle between folders whose files form none', () => {
    const house: House = new Map([
      ['dev/mail/server.ts', ['dev/http/server.ts']],
      ['dev/http/server.ts', []],
      ['dev/http/client.ts', ['dev/mail/page.ts']],
      ['dev/mail/page.ts', []],
    ]);
    expect(circlesIn(house)).toEqual([]);
    expect(circlesIn(roomsOf(house))).toEqual(['dev/mail → dev/http → dev/mail']);
  });
});
