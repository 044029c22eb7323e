/** Every command of the README's table is run by a test: by one of these, or by another test named here. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { applicationDatabase } from '../../dev/cloud/database-setup.ts';
import { startLocalCloud } from '../../dev/cloud/local-cloud.ts';
import { announceRunning } from '../../dev/cloud/running.ts';
import { openDataFolder } from '../../dev/saved/folder.ts';
import { ELSEWHERE, HERE } from '../support/commands-run.ts';
import { npmRun, runProgram } from '../support/npm-run.ts';
import { SEED_TIME } from '../support/seed-time.ts';
import { send } from './db/database.ts';

const ROOT = join(import.meta.dirname, '../..');
const LIMIT = { timeout: 600_000 };
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

describe('the table of commands', () => {
  const commands = [...read('README.md').matchAll(/^\| `npm (?:run )?([\w:-]+)/gm)].map(([, name = '']) => name);

  test('lists commands of package.json, and a test runs each of them', () => {
    expect(commands.length).toBeGreaterThan(12);
    expect(commands.filter((name) => scripts[name] === undefined)).toEqual([]);
    expect(commands.toSorted()).toEqual([...Object.keys(ELSEWHERE), ...HERE].toSorted());
  });

  test.each(Object.entries(ELSEWHERE))(
    '%s: the named file runs the same program as the command',
    (name, [file, program]) => {
      expect(read(file)).toContain(program);
      if (program.startsWith('dev/')) expect(scripts[name]).toMatch(new RegExp(`node (--[\\w-]+ )?${program}$`));
    },
  );
});

describe('commands that find the local cloud', () => {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-data-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  const run = (command: string) => runProgram(command, { env: { HOLDFAST_DATA: path } });

  test(
    '4/A5: db:deploy, db:seed and cache:warm work on the cloud that runs; db:deploy also after it has ended',
    LIMIT,
    async () => {
      const upToDate = { status: 0, stdout: 'Nothing to do: every migration is applied.\n', stderr: '' };
      const seeded = { status: 0, stdout: 'Already seeded.\n', stderr: '' };
      const folder = await openDataFolder(path);
      if (folder === undefined) throw new Error('The folder is in use');
      const cloud = await startLocalCloud({ application: applicationDatabase, folder, seedTime: SEED_TIME });
      try {
        await announceRunning(folder, cloud, 'http://localhost:8787', cloud.postgres.url);
        expect(await Promise.all([run('db:deploy'), run('db:seed')])).toEqual([upToDate, seeded]);
        // Expected people of the demo.
        await send(cloud.postgres.url, 'UPDATE users SET last_active_at = now() WHERE disabled_at IS NULL');
        const first = await run('cache:warm');
        expect([first.status, first.stdout]).toEqual([
          0,
          expect.stringMatching(/^users +33 loaded +0 already there$/m),
        ]);
        expect((await run('cache:warm')).stdout).toMatch(/^users +0 loaded +33 already there$/m);
      } finally {
        await cloud.close();
        await folder.close();
      }
      expect(await run('db:deploy')).toEqual(upToDate);
      // Its Redis has ended, and the address it left behind is no longer valid.
      const warmed = await run('cache:warm');
      expect(warmed).toMatchObject({ status: 1, stdout: '' });
      expect(warmed.stderr).toMatch(/^Start `npm run dev`, or set UPSTASH_REDIS_REST_URL/);
    },
  );

  test('without a cloud and a database they name the settings to add', LIMIT, async () => {
    const env = { HOLDFAST_DATA: join(path, 'none') };
    const results = await Promise.all(['db:deploy', 'db:seed'].map((command) => runProgram(command, { env })));
    for (const { status, stderr } of results) {
      expect([status, stderr]).toEqual([1, expect.stringMatching(/^Set DATABASE_URL, or start `npm run dev` once/)]);
    }
    expect(existsSync(join(path, 'none'))).toBe(false);
  });

  test('demo:load needs a running cloud, and says how it is called', LIMIT, async () => {
    const env = { HOLDFAST_DATA: join(path, 'none') };
    const [without, wrong, help] = await Promise.all(
      [[], ['--users', '0'], ['--help']].map((args) => runProgram('demo:load', { env, args })),
    );
    expect(without).toMatchObject({ status: 1, stdout: '' });
    expect(without?.stderr).toMatch(/^Start `npm run dev` first/);
    expect(wrong).toMatchObject({ status: 1, stderr: '--users 0 is not a whole number from 1\n' });
    expect(help).toMatchObject({ status: 0, stdout: expect.stringContaining('--minutes 1'), stderr: '' });
  });

  test('db:seed refuses a database on another machine', LIMIT, async () => {
    const env = { DATABASE_URL: 'postgresql://app:secret@db.example:5432/app' };
    const { status, stderr } = await runProgram('db:seed', { env });
    expect([status, stderr]).toEqual([
      1,
      'The demo data is for a database on this machine. Set DATABASE_URL to one.\n',
    ]);
  });
});

describe('the other commands', () => {
  test('holdfast lists its commands', LIMIT, async () => {
    const { status, stdout } = await npmRun('holdfast', { args: ['--help'] });
    expect([status, stdout]).toEqual([0, expect.stringContaining('tenant create')]);
  });

  test('holdfast costs prints the example of docs/costs.md', LIMIT, async () => {
    const { status, stdout } = await runProgram('holdfast', {
      args: ['costs', '--profile', 'docs/examples/traffic.json'],
    });
    expect(status).toBe(0);
    expect(read('docs/costs.md')).toContain(stdout);
  });

  test('test:redis-cache runs the exercise, which asks for the address of a Redis', LIMIT, async () => {
    const { status, stderr } = await npmRun('test:redis-cache', { env: { UPSTASH_REDIS_REST_URL: '' } });
    expect([status, stderr]).toEqual([2, 'Set UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN\n']);
  });

  test(
    'dev:memory shows the processes of a cloud that runs in this folder, as other suites start it, or says that none does',
    LIMIT,
    async () => {
      const { status, stdout, stderr } = await runProgram('dev:memory');
      if (status === 0) expect(stdout).toMatch(/ MiB {2}ours +\d+ {2}(?:dev|cloud)\.ts$/m);
      else expect(stderr).toContain('`npm run dev` does not run in this folder');
    },
  );

  test('db:generate prints nothing when the clients exist', LIMIT, async () => {
    expect(await npmRun('db:generate')).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('db:migration reports that the migrations match the schema', LIMIT, async () => {
    const { status, stdout } = await runProgram('db:migration', { args: ['in_step'] });
    expect([status, stdout]).toEqual([
      0,
      'Nothing to do: the migrations already make schema.prisma and the triggers of numbers.\n',
    ]);
  });

  test('lock leaves a correct lock file unchanged', LIMIT, async () => {
    const before = read('package-lock.json');
    expect(await runProgram('lock')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(read('package-lock.json')).toBe(before);
  });

  test('bench starts, or reports that it needs a registry for its peers', LIMIT, async () => {
    const env = { npm_config_offline: 'true', npm_config_cache: mkdtempSync(join(tmpdir(), 'holdfast-npm-')) };
    const { status, stderr } = await runProgram('bench', { args: ['--only=nothing'], env });
    rmSync(env.npm_config_cache, { recursive: true, force: true });
    if (status !== 0) expect(stderr).toContain('needs a package registry the first time it runs');
  });
});
