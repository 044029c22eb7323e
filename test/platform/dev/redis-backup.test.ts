/** Backups of Redis: a restored one never serves an old value, nor does a provider's own after a new era. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { BACKED_UP, backUp } from '../../../dev/backup/backup.ts';
import { newEra } from '../../../dev/backup/new-era.ts';
import { restoreBackup } from '../../../dev/backup/restore.ts';
import { type BackupServices, backupSealer, backupServices } from '../../../dev/backup/services.ts';
import { appVariables } from '../../../dev/cloud/app-environment.ts';
import { LOCAL_SECRETS } from '../../../dev/cloud/secrets.ts';
import { copyKey, createKey, type SavedKey } from '../../../dev/saved/keys.ts';
import { readEnvironment } from '../../../src/app/env.ts';
import { type Family, families, key, type RedisKey } from '../../../src/platform/redis/index.ts';
import { natures } from '../../../src/platform/redis/nature.ts';
import { APP_URL, createTestApp } from '../../support/app.ts';
import { runProgram } from '../../support/npm-run.ts';
import { addPerson, createBrowser } from '../../support/people.ts';
import { startRest } from '../../support/rest.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-backup-'));
const HOUR = 3_600_000;
let redis: Awaited<ReturnType<typeof startRest>>;
let variables: Record<string, string>;
let services: BackupServices;
let app: ReturnType<typeof createTestApp>;
let tenant: OwnTenant;
let clock = { ahead: 0 };
let files = 0;

const newFile = () => {
  files += 1;
  return join(folder, `backup-${files}`);
};
const sealer = () => backupSealer(readEnvironment(variables));

beforeAll(async () => {
  redis = await startRest('all');
  const { url, token } = redis.rest;
  variables = {
    ...appVariables(inject('cloud'), APP_URL),
    UPSTASH_REDIS_REST_URL: url,
    UPSTASH_REDIS_REST_TOKEN: token,
    DATABASE_URL: inject('cloud').postgres.url,
  };
  const made = backupServices(readEnvironment(variables));
  services = { ...made, system: { ...made.system, now: () => Date.now() + clock.ahead } };
  app = createTestApp({ environment: variables });
  tenant = await createTenant(inject('cloud').postgres.url);
  await sql(
    inject('cloud').postgres.url,
    `INSERT INTO deals (tenant_id, id, title, value, updated_at)
     SELECT $1, 'deal_' || i, 'Kelp', 1, now() FROM generate_series(1, 800) AS i`,
    [tenant.id],
  );
});
afterAll(async () => {
  await app.close();
  await redis.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  clock = { ahead: 0 };
  await services.ask('FLUSHALL');
});

/** The number of deals that the API shows, and whether the answer was cached. */
async function shown(): Promise<[number, string | null]> {
  const response = await app.request('/deals/pipeline', { key: tenant.keys.all });
  const { total } = (await response.json()) as { total: { count: number } };
  return [total.count, response.headers.get('x-cache')];
}
async function addDeal(): Promise<string> {
  const json = { title: 'One more', value: '1.00' };
  const response = await app.request('/deals', { method: 'POST', key: tenant.keys.all, json });
  expect(response.status).toBe(201);
  return ((await response.json()) as { id: string }).id;
}
async function removeDeal(id: string): Promise<void> {
  expect((await app.request(`/deals/${id}`, { method: 'DELETE', key: tenant.keys.all })).status).toBe(204);
}

/** A copy of every key, as a provider's backup has it. */
async function providersBackup(): Promise<SavedKey[]> {
  const keys = (await services.ask('KEYS', '*')) as Buffer[];
  const copies = await Promise.all(keys.map((each) => copyKey(services.ask, each, Date.now())));
  return copies.filter((each) => each !== undefined);
}
/** A provider's restore, which deletes what is there. */
async function providersRestore(copies: readonly SavedKey[]): Promise<void> {
  await services.ask('FLUSHALL');
  for (const each of copies) await createKey(services.ask, each, Date.now());
}

describe('800 deals, a backup, and the 801st', () => {
  test('a provider’s restore shows 800 again, until a new era begins', async () => {
    const before = await shown();
    expect(before).toEqual([800, 'MISS']);
    const copies = await providersBackup();
    const id = await addDeal();
    expect(await shown()).toEqual([801, 'MISS']);
    await providersRestore(copies);
    expect(await shown()).toEqual([800, 'HIT']);
    await newEra(services, { restored: true, keepSessions: false });
    expect(await shown()).toEqual([801, 'MISS']);
    expect(await shown()).toEqual([801, 'HIT']);
    await removeDeal(id);
  });

  test('a backup of redis:backup shows 801 at once', async () => {
    await shown();
    const file = newFile();
    await backUp(services, sealer(), file);
    const id = await addDeal();
    await services.ask('FLUSHALL');
    await restoreBackup(services, sealer(), file, { keepSessions: true });
    expect(await shown()).toEqual([801, 'MISS']);
    await removeDeal(id);
  });

  test('also into a Redis that a provider has restored before', async () => {
    await shown();
    const file = newFile();
    await backUp(services, sealer(), file);
    const copies = await providersBackup();
    const id = await addDeal();
    await providersRestore(copies);
    await restoreBackup(services, sealer(), file, { keepSessions: true });
    expect(await shown()).toEqual([801, 'MISS']);
    await removeDeal(id);
  });
});

/** One key of each family whose type can be stored, with the text of its value. */
function oneOfEach(): [Family, RedisKey, string[]][] {
  const commands: Record<string, string[]> = {
    string: ['SET', '', 'text'],
    hash: ['HSET', '', 'field', 'text'],
    set: ['SADD', '', 'member'],
    'sorted set': ['ZADD', '', '1.5', 'member'],
    stream: ['XADD', '', '5-1', 'field', 'text'],
  };
  return (Object.keys(families) as Family[]).flatMap((family) => {
    const command = commands[families[family].type.split(' or ')[0] ?? ''];
    const name = key('acme', family, 'one');
    return command ? [[family, name, command.with(1, name)]] : [];
  });
}
const familiesIn = async () =>
  new Set(((await services.ask('KEYS', 'hf:acme:*')) as Buffer[]).map((each) => each.toString().split(':')[2]));

describe('a restore', () => {
  test('has exactly the families that are backed up, with their values and the time that they had left', async () => {
    const each = oneOfEach();
    for (const [, name, command] of each) {
      await services.ask(...command);
      await services.ask('PEXPIRE', name, String(2 * HOUR));
    }
    const file = newFile();
    expect(await backUp(services, sealer(), file)).toBe(each.filter(([of]) => BACKED_UP.includes(natures[of])).length);
    const copies = new Map((await providersBackup()).map((copy) => [copy.key.toString(), copy]));
    await services.ask('FLUSHALL');
    clock.ahead = HOUR;
    await restoreBackup(services, sealer(), file, { keepSessions: true });
    const wanted = each.filter(([of]) => BACKED_UP.includes(natures[of]));
    expect(await familiesIn()).toEqual(new Set(wanted.map(([of]) => families[of].code)));
    for (const [, name] of wanted) {
      const { endsAt, ...restored } = (await copyKey(services.ask, Buffer.from(name), Date.now())) as SavedKey;
      const { endsAt: ended, ...copied } = copies.get(name) as SavedKey;
      expect(restored).toEqual(copied);
      expect(Math.abs((endsAt ?? 0) - (ended ?? 0))).toBeLessThan(60_000);
    }
  });

  test('leaves out what has ended since, and journals that the database may have forgotten', async () => {
    await services.ask('SET', key('acme', 'once', 'short'), 'text', 'PX', String(HOUR));
    await services.ask('SET', key('acme', 'once', 'long'), 'text', 'PX', String(48 * HOUR));
    await services.ask('XADD', key('acme', 'journal', 'settings'), '5-1', 'write', 'w1');
    const file = newFile();
    await backUp(services, sealer(), file);
    await services.ask('FLUSHALL');
    clock.ahead = 22 * HOUR;
    expect(await restoreBackup(services, sealer(), file, { keepSessions: false })).toMatchObject({
      ...{ restored: 2, leftOut: 1 },
    });
    await services.ask('FLUSHALL');
    clock.ahead = 24 * HOUR;
    expect(await restoreBackup(services, sealer(), file, { keepSessions: false })).toMatchObject({
      ...{ restored: 1, leftOut: 2 },
    });
  });

  test('leaves newer keys as they are', async () => {
    const fence = key('acme', 'fence', 'report');
    await services.ask('SET', fence, '7');
    const file = newFile();
    await backUp(services, sealer(), file);
    await services.ask('SET', fence, '9');
    expect(await restoreBackup(services, sealer(), file, { keepSessions: false })).toMatchObject({ kept: 1 });
    expect(String(await services.ask('GET', fence))).toBe('9');
  });

  test('has values that are no UTF-8', async () => {
    const users = key('acme', 'usageUsers', 'day');
    await services.ask('SET', users, Buffer.from([0, 255, 128, 10, 37]));
    const file = newFile();
    await backUp(services, sealer(), file);
    await services.ask('FLUSHALL');
    await restoreBackup(services, sealer(), file, { keepSessions: false });
    expect([...((await services.ask('GET', users)) as Buffer)]).toEqual([0, 255, 128, 10, 37]);
  });
});

describe('sessions', () => {
  async function signedIn() {
    const person = await addPerson(inject('cloud').postgres.url, tenant.id);
    const browser = createBrowser((path, init) => app.app.request(path, init), {});
    const json = { email: person.email, password: person.password };
    expect((await browser.request('/auth/sign-in', { json })).status).toBe(200);
    return browser;
  }
  const status = async (browser: Awaited<ReturnType<typeof signedIn>>) =>
    (await browser.request('/auth/session')).status;

  test('end with a restore, also those that were revoked; with --keep-sessions both are valid again', async () => {
    const [stays, leaves] = [await signedIn(), await signedIn()];
    const file = newFile();
    await backUp(services, sealer(), file);
    const cookies = [...leaves.cookies];
    expect((await leaves.request('/auth/sign-out', { method: 'POST' })).status).toBe(204);
    for (const [name, value] of cookies) leaves.cookies.set(name, value);
    await services.ask('FLUSHALL');
    expect(await restoreBackup(services, sealer(), file, { keepSessions: false })).toMatchObject({ ended: 1 });
    expect([await status(stays), await status(leaves)]).toEqual([401, 401]);
    await services.ask('FLUSHALL');
    expect(await restoreBackup(services, sealer(), file, { keepSessions: true })).toMatchObject({ ended: 0 });
    expect([await status(stays), await status(leaves)]).toEqual([200, 200]);
  });

  test('of a Redis that a provider restored end with a new era, unless they are kept', async () => {
    const browser = await signedIn();
    await providersRestore(await providersBackup());
    await newEra(services, { restored: true, keepSessions: true });
    expect(await status(browser)).toBe(200);
    await newEra(services, { restored: false, keepSessions: false });
    expect(await status(browser)).toBe(200);
    await newEra(services, { restored: true, keepSessions: false });
    expect(await status(browser)).toBe(401);
  });
});

test('a new era removes caches; after a provider’s restore also queues, streams and journals', async () => {
  for (const [, , command] of oneOfEach()) await services.ask(...command);
  const all = await familiesIn();
  const without = (...gone: string[]) =>
    new Set(
      [...all].filter((code) => !oneOfEach().some(([of]) => families[of].code === code && gone.includes(natures[of]))),
    );
  await newEra(services, { restored: false, keepSessions: false });
  expect(await familiesIn()).toEqual(without('cache'));
  await newEra(services, { restored: true, keepSessions: true });
  expect(await familiesIn()).toEqual(without('cache', 'queue', 'stream', 'journal', 'reader'));
});

describe('a file', () => {
  const refusal = (file: string, by = sealer()) =>
    restoreBackup(services, by, file, { keepSessions: false }).catch((error: { code: string; message: string }) => [
      error.code,
      error.message.replace(file, 'file'),
    ]);

  test('that was changed, cut off or mixed, or is of other keys, is refused before the first write', async () => {
    await services.ask('SET', key('acme', 'fence', 'a'), '1');
    const [file, other] = [newFile(), newFile()];
    await backUp(services, sealer(), file);
    await backUp(services, sealer(), other);
    await services.ask('FLUSHALL');
    const lines = readFileSync(file, 'utf8').split('\n');
    const [head = '', keys = '', end = ''] = lines;
    const otherKeys = readFileSync(other, 'utf8').split('\n')[1] ?? '';
    const changed = ['BACKUP_FILE', 'file was changed, or is sealed with other SEAL_KEYS'];
    const tries: [string, string[]][] = [
      [[head, keys.replace(/(?<=^.{80})./, (one) => (one === 'A' ? 'B' : 'A')), end].join('\n'), changed],
      [[head, otherKeys, end].join('\n'), changed],
      [[head, keys, keys, end].join('\n'), changed],
      [[head.replace(/"takenAt":\d/, '"takenAt":9'), keys, end].join('\n'), changed],
      [[head, keys].join('\n'), ['BACKUP_FILE', 'file is not complete']],
      [[head, end].join('\n'), changed],
      ['{}', ['BACKUP_FILE', 'file is not a backup of Redis']],
    ];
    for (const [text, expected] of tries) {
      const broken = newFile();
      writeFileSync(broken, text);
      expect(await refusal(broken)).toEqual(expected);
    }
    const keysOfOthers = LOCAL_SECRETS.sealKeys.replace(/:./, ':A');
    expect(await refusal(file, backupSealer(readEnvironment({ ...variables, SEAL_KEYS: keysOfOthers })))).toEqual(
      changed,
    );
    expect(await services.ask('DBSIZE')).toBe(0);
  });

  test('has nothing that can be read without the keys, and is never replaced', async () => {
    await services.ask('SET', key('acme', 'once', 'marked key'), 'a marked value');
    const file = newFile();
    await backUp(services, sealer(), file);
    expect(readFileSync(file, 'utf8')).not.toMatch(/marked|bWFya2Vk|acme/);
    await expect(backUp(services, sealer(), file)).rejects.toMatchObject({ code: 'BACKUP_FILE' });
  });
});

test('the commands redis:backup, redis:restore and redis:new-era use the servers of the environment', async () => {
  const fence = key('acme', 'fence', 'a');
  await services.ask('SET', fence, '7', 'PX', String(HOUR));
  const file = newFile();
  const run = (command: string, ...args: string[]) => runProgram(command, { args, env: variables });
  expect(await run('redis:backup', file)).toEqual({ status: 0, stdout: `1 keys backed up to ${file}\n`, stderr: '' });
  await services.ask('FLUSHALL');
  const [restored, era, wrong] = await Promise.all([
    run('redis:restore', file),
    run('redis:new-era', '--restored'),
    run('redis:restore'),
  ]);
  expect(restored).toMatchObject({
    ...{ status: 0, stderr: '' },
    stdout: expect.stringContaining('1 keys restored, 0 newer keys stay as they are, 0 left out'),
  });
  expect(era).toMatchObject({ status: 0, stdout: expect.stringContaining('A new era has begun'), stderr: '' });
  expect(wrong).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('Give one file') });
  expect(String(await services.ask('GET', fence))).toBe('7');
});
