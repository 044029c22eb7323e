/** The order of a deployment, where each fault ends it, and the migrations that break the release before. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../cli/doctor/finding.ts';
import { breakingMigrations } from '../../../deploy/breaking.ts';
import { buildIn, missing } from '../../../deploy/common.ts';
import { lostFindings } from '../../../deploy/lambda.ts';
import { deploy, type Steps } from '../../../deploy/order.ts';
import { runTool } from '../../../deploy/tools.ts';
import { atTheWorker, hyperdriveFindings, secretFindings, versionOf } from '../../../deploy/worker.ts';
import { runProgram } from '../../support/npm-run.ts';

const DROPS = { name: '2_drop', sql: 'ALTER TABLE boats\n  DROP COLUMN "colour";' };
const ADDS = { name: '1_add', sql: 'CREATE TABLE boats (id text NOT NULL);' };
const FAULT: Finding = { part: 'redis', outcome: 'failed', text: 'no answer', cure: 'Start it' };

/** Steps that record their order. */
function recorded(changes: Partial<Steps> = {}) {
  const order: string[] = [];
  const said: string[] = [];
  const does = <Value>(name: string, value: Value) => {
    return async () => {
      order.push(name);
      return value;
    };
  };
  const steps: Steps = {
    settings: does('settings', []),
    build: does('build', 'build-1'),
    package: does('package', 'dist'),
    pending: does('pending', { migrations: [ADDS], isNew: false }),
    migrate: does('migrate', ['1_add']),
    servers: does('servers', []),
    upload: does('upload', 'version-1'),
    schedules: does('schedules', undefined),
    app: does('app', []),
    rollback: ['npx wrangler rollback <version>'],
    ...changes,
  };
  const run = (options: { isDry?: boolean; acceptsBreaking?: boolean } = {}) =>
    deploy(steps, { isDry: false, acceptsBreaking: false, ...options }, (line) => void said.push(line));
  return { order, said, run };
}

describe('a deployment', () => {
  test('changes the database before the code, and then the schedules; it says the version and the way back', async () => {
    const { order, said, run } = recorded();
    await run();
    const offline = ['settings', 'build', 'package'];
    expect(order).toEqual([...offline, 'pending', 'migrate', 'servers', 'upload', 'schedules', 'app']);
    expect(said).toEqual([
      'Built build-1',
      'Packaged dist',
      'Migrations applied: 1_add',
      'Deployed build-1 as version version-1',
      'To roll back: npx wrangler rollback <version>. Migrations stay; see docs/deployment.md',
    ]);
  });

  test('that is dry ends before the first step that needs a network', async () => {
    const { order, run } = recorded();
    await run({ isDry: true });
    expect(order).toEqual(['settings', 'build', 'package']);
  });

  test.each([
    ['settings', 'SETTINGS', []],
    ['servers', 'SERVERS', ['settings', 'build', 'package', 'pending', 'migrate']],
  ] as const)('ends at a failed check of %s, before the upload', async (step, code, expected) => {
    const { order, said, run } = recorded({ [step]: async () => [FAULT] });
    await expect(run()).rejects.toMatchObject({ code });
    expect(order).toEqual(expected);
    expect(said.at(-1)).toBe('failed redis: no answer → Start it');
  });

  test('that cannot make the schedules has said the way back before', async () => {
    const fault = new Error('QStash does not answer');
    const { said, run } = recorded({ schedules: () => Promise.reject(fault) });
    await expect(run()).rejects.toBe(fault);
    expect(said.at(-1)).toMatch(/^To roll back: /);
  });

  test('whose app does not answer fails after the upload, with the way back', async () => {
    const { order, said, run } = recorded({ app: async () => [FAULT] });
    await expect(run()).rejects.toMatchObject({ code: 'APP', message: '1 of 1 checks failed' });
    expect(order).toContain('upload');
    expect(said.slice(-2)).toEqual([expect.stringMatching(/^To roll back: /), 'failed redis: no answer → Start it']);
  });

  test('says a warning and goes on', async () => {
    const { order, said, run } = recorded({ settings: async () => [{ ...FAULT, outcome: 'warning' }] });
    await run();
    expect(said[0]).toBe('warning redis: no answer → Start it');
    expect(order).toContain('upload');
  });

  test('refuses a migration that breaks the release that runs, unless it is accepted or the database is new', async () => {
    const pending = (isNew: boolean) => ({ pending: async () => ({ migrations: [ADDS, DROPS], isNew }) });
    const refused = recorded(pending(false));
    await expect(refused.run()).rejects.toMatchObject({ code: 'BREAKING_MIGRATION' });
    expect(refused.order).not.toContain('migrate');
    expect(refused.said.at(-1)).toBe('2_drop: ALTER TABLE boats DROP COLUMN "colour"');
    for (const [isNew, acceptsBreaking] of [
      [false, true],
      [true, false],
    ] as const) {
      const accepted = recorded(pending(isNew));
      await accepted.run({ acceptsBreaking });
      expect(accepted.order).toContain('upload');
    }
  });
});

describe('a breaking migration', () => {
  test.each([
    'DROP TABLE boats;',
    'ALTER TABLE boats RENAME TO ships;',
    'ALTER TABLE boats RENAME COLUMN a TO b;',
    'ALTER TABLE boats ALTER COLUMN "value" SET DATA TYPE numeric(16, 4);',
    'ALTER TABLE boats ALTER COLUMN value TYPE text;',
    'ALTER TABLE boats ALTER COLUMN value SET NOT NULL;',
    'ALTER TABLE boats ADD COLUMN "value" text NOT NULL;',
    'ALTER TABLE boats ADD COLUMN a text,\n  ADD COLUMN b text NOT NULL;',
    'ALTER TABLE boats ADD COLUMN a text NOT NULL, ADD COLUMN b int NOT NULL DEFAULT 0;',
    'ALTER TABLE boats ADD value text NOT NULL;',
    'ALTER TABLE boats ADD COLUMN value numeric(16, 4) NOT NULL;',
    'ALTER TABLE boats DROP value;',
    'ALTER TABLE boats ADD COLUMN a text, DROP IF EXISTS value;',
    'ALTER TABLE boats ALTER COLUMN value DROP DEFAULT;',
    'DROP TYPE colour;',
    'DROP MATERIALIZED VIEW totals;',
  ])('has a statement such as %s', (sql) => {
    expect(breakingMigrations([{ name: 'one', sql }])).toHaveLength(1);
  });

  test.each([
    'CREATE TABLE boats (id text NOT NULL, value text NOT NULL);',
    'ALTER TABLE boats ADD COLUMN value text;',
    `ALTER TABLE boats ADD COLUMN value text NOT NULL DEFAULT '';`,
    'ALTER TABLE boats ADD COLUMN a text,\n  ADD COLUMN b int NOT NULL DEFAULT 0;',
    'DROP INDEX boats_value_idx;',
    'DROP INDEX CONCURRENTLY IF EXISTS boats_value_idx;',
    'ALTER TABLE boats DROP CONSTRAINT boats_check;',
    'ALTER TABLE boats DROP CONSTRAINT IF EXISTS boats_check, ADD CONSTRAINT boats_check CHECK (value IS NOT NULL);',
    `ALTER TABLE boats ADD COLUMN value text NOT NULL DEFAULT 'a, b; c';`,
    'ALTER TABLE boats ADD COLUMN value numeric(16, 4) NOT NULL DEFAULT 0;',
    '-- DROP TABLE boats;',
    'ALTER TABLE boats ALTER COLUMN value DROP NOT NULL;',
  ])('is none of %s', (sql) => {
    expect(breakingMigrations([{ name: 'one', sql }])).toEqual([]);
  });
});

describe('the build', () => {
  const build = 'build-0123456789ab';

  test('of the present code is used, and no other', () => {
    expect(buildIn(`const id = "${build}";`, build, 'dist/app.js')).toBe(build);
    for (const bundle of ['', 'const id = "build-ba9876543210";']) {
      expect(() => buildIn(bundle, build, 'dist/app.js')).toThrow('dist/app.js is not a build of this code');
    }
  });
});

test('a database without one of the migrations lacks it, and without any it is new', () => {
  expect(missing([ADDS, DROPS], ['2_drop'])).toEqual({ migrations: [DROPS], isNew: false });
  expect(missing([ADDS, DROPS], [])).toEqual({ migrations: [], isNew: false });
  expect(missing([ADDS, DROPS], ['1_add', '2_drop'])).toMatchObject({ isNew: true });
});

test('a program that ends with an error ends the deployment, with its output', async () => {
  const message = expect.stringMatching(/^schedules:sync --nothing ended with 1\n.*--nothing/);
  await expect(runTool('schedules:sync', ['--nothing'], {})).rejects.toMatchObject({ code: 'TOOL', message });
});

test('a variable of the shell takes precedence over the file of --env-file, and a file that is not there is named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-deploy-'));
  const file = join(folder, 'variables');
  writeFileSync(file, 'APP_URL=not a URL\nAUTH_KEYS=not a key\n');
  const env = { PATH: process.env['PATH'] ?? '', APP_URL: 'https://api.example.com' };
  const call = (path: string) => runProgram('deploy', { args: ['lambda', '--dry-run', '--env-file', path], env });
  const { status, stdout } = await call(file);
  expect(status).toBe(1);
  expect(stdout).toContain('AUTH_KEYS');
  expect(stdout).not.toContain('APP_URL');
  expect(await call(join(folder, 'none'))).toMatchObject({ status: 1, stderr: expect.stringContaining('none') });
  rmSync(folder, { recursive: true });
});

describe('the settings at the platform', () => {
  const variables = {
    APP_URL: 'https://api.example.com',
    AUTH_KEYS: 'k1:…',
    DATABASE_URL: 'postgresql://…',
    EDITOR: 'vi',
  };

  test('a variable that neither [vars] nor a secret has is named, without the database and other variables', () => {
    const found = secretFindings(variables, { APP_URL: variables.APP_URL }, ['MAIL_TOKEN']);
    expect(found.map(({ text }) => text)).toEqual(['AUTH_KEYS is set here and not at the Worker']);
    expect(secretFindings(variables, { APP_URL: variables.APP_URL }, ['AUTH_KEYS'])).toEqual([]);
  });

  test('a variable that serverless.yml does not hand to the functions is named', () => {
    const found = lostFindings(variables, { APP_URL: '', DATABASE_URL: '' });
    expect(found.map(({ cure }) => cure)).toEqual(['Add AUTH_KEYS to provider.environment of serverless.yml']);
  });

  test('the values of wrangler.toml take precedence over those of the shell', () => {
    const found = atTheWorker(variables, { APP_URL: 'https://worker.example.com' });
    expect(found).toEqual({ ...variables, APP_URL: 'https://worker.example.com' });
  });

  test.each(['', '00000000000000000000000000000000'])(
    'a Hyperdrive with the id "%s" is none: only a dry run goes on',
    (id) => {
      expect(hyperdriveFindings(id, true).map(({ outcome }) => outcome)).toEqual(['warning']);
      expect(hyperdriveFindings(id, false).map(({ outcome }) => outcome)).toEqual(['failed']);
      expect(hyperdriveFindings('0f3a', false)).toEqual([]);
    },
  );

  test('the version of a Worker is read from the lines that wrangler writes', () => {
    const lines = ['{"type":"wrangler-session","version":1}', '{"type":"deploy","version_id":"5f1c-1"}', ''];
    expect(versionOf(lines.join('\n'))).toBe('5f1c-1');
    expect(versionOf('')).toBeUndefined();
  });
});
