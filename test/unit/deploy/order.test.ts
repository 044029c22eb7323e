/** The order of a deployment, where each fault ends it, and the migrations that break the release before. */
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../cli/doctor/finding.ts';
import { breakingMigrations } from '../../../deploy/breaking.ts';
import { lostFindings } from '../../../deploy/lambda.ts';
import { deploy, type Steps } from '../../../deploy/order.ts';
import { secretFindings, versionOf } from '../../../deploy/worker.ts';

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
  ])('has a statement such as %s', (sql) => {
    expect(breakingMigrations([{ name: 'one', sql }])).toHaveLength(1);
  });

  test.each([
    'CREATE TABLE boats (id text NOT NULL, value text NOT NULL);',
    'ALTER TABLE boats ADD COLUMN value text;',
    `ALTER TABLE boats ADD COLUMN value text NOT NULL DEFAULT '';`,
    'ALTER TABLE boats ADD COLUMN a text,\n  ADD COLUMN b int NOT NULL DEFAULT 0;',
    'DROP INDEX boats_value_idx;',
    '-- DROP TABLE boats;',
    'ALTER TABLE boats ALTER COLUMN value DROP NOT NULL;',
  ])('is none of %s', (sql) => {
    expect(breakingMigrations([{ name: 'one', sql }])).toEqual([]);
  });
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

  test('the version of a Worker is read from the lines that wrangler writes', () => {
    const lines = ['{"type":"wrangler-session","version":1}', '{"type":"deploy","version_id":"5f1c-1"}', ''];
    expect(versionOf(lines.join('\n'))).toBe('5f1c-1');
    expect(versionOf('')).toBeUndefined();
  });
});
