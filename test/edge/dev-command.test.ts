/** The README's first minute: `npm run dev`, a miss, a hit, a write, Ctrl-C. Uses the embedded servers, in CI too. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send } from '../platform/db/database.ts';
import { COST_OF_A_HIT, costOf } from '../support/app.ts';
import { logRecord } from '../support/log-record.ts';

interface Ready {
  ready: true;
  mail: string;
  api: string;
  redisRest: { url: string; token: string };
  qstash: { url: string; token: string };
  postgres: string;
  demoKey: string;
}

const ROOT = join(import.meta.dirname, '../..');
const data = mkdtempSync(join(tmpdir(), 'holdfast-data-'));
let dev: ChildProcess;
let ready: Ready;
const output: string[] = [];

beforeAll(async () => {
  const { REDIS_URL: _redis, DATABASE_URL: _database, ...environment } = process.env;
  const path = `${join(ROOT, 'node_modules/.bin')}:${environment['PATH']}`;
  dev = spawn(process.execPath, ['dev/commands/dev.ts'], {
    cwd: ROOT,
    env: { ...environment, PATH: path, HOLDFAST_DATA: data },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  dev.stderr?.on('data', (chunk) => output.push(String(chunk)));
  for await (const line of createInterface({ input: dev.stdout ?? process.stdin })) {
    output.push(line);
    if (line.startsWith('{"ready":true')) {
      ready = JSON.parse(line) as Ready;
      break;
    }
  }
  expect(ready, output.join('\n')).toBeDefined();
  // Before the command is ready, it prints the demo keys for people; later lines are the Worker's log.
  createInterface({ input: dev.stdout ?? process.stdin }).on('line', (line) => {
    output.push(line);
    logRecord().line('npm run dev', line);
  });
}, 300_000);
afterAll(() => {
  dev?.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

const get = (path: string) => fetch(ready.api + path, { headers: { authorization: `Bearer ${ready.demoKey}` } });

// The last test ends the process that all other tests use.
describe('npm run dev', { shuffle: false }, () => {
  describe('while it runs', { shuffle: true }, () => {
    test('a miss, then a hit for one Redis request and no query; after a write a miss with the new numbers', async () => {
      const first = await get('/deals/pipeline');
      expect([first.status, first.headers.get('x-cache')]).toEqual([200, 'MISS']);
      const second = await get('/deals/pipeline');
      expect(second.headers.get('x-cache')).toBe('HIT');
      expect(costOf(second)).toEqual(COST_OF_A_HIT);

      const created = await fetch(`${ready.api}/deals`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ready.demoKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ title: 'Kelp nets', value: '12500.00' }),
      });
      expect(created.status).toBe(201);
      const third = await get('/deals/pipeline');
      expect(third.headers.get('x-cache')).toBe('MISS');
      type Pipeline = { total: { count: number } };
      const counts = [((await second.json()) as Pipeline).total.count, ((await third.json()) as Pipeline).total.count];
      expect(counts[1]).toBe((counts[0] ?? 0) + 1);
    });

    test('4/B3: QStash calls the schedules each minute', async () => {
      const headers = { authorization: `Bearer ${ready.qstash.token}`, 'content-type': 'application/json' };
      const schedules = await (await fetch(`${ready.qstash.url}/v2/schedules`, { headers })).json();
      expect(schedules).toMatchObject([{ cron: '* * * * *', destination: `${ready.api}/schedules/tick` }]);
      const body = JSON.stringify({ ms: 60_000 });
      await fetch(`${ready.qstash.url}/_emulator/clock/advance`, { method: 'POST', headers, body });
      type Item = { name: string; last: unknown; counts: { ok: number } };
      const { items } = (await (await get('/schedules')).json()) as { items: Item[] };
      for (const own of ['outbox.drain', 'jobs.sweep']) {
        const found = items.find(({ name }) => name === own);
        expect(found?.last).toMatchObject({ outcome: 'ok' });
        expect(found?.counts.ok).toBeGreaterThanOrEqual(1);
      }
    });

    test('4/B1 an error keeps its message in the answer and in the log, with the frames of the source', async () => {
      await send(
        ready.postgres,
        `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
           BEGIN RAISE EXCEPTION 'refused for %', NEW.name; END $$;
         CREATE TRIGGER refuse BEFORE INSERT ON companies FOR EACH ROW EXECUTE FUNCTION refuse()`,
      );
      const answer = await fetch(`${ready.api}/companies`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ready.demoKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'Ada Lovelace' }),
      });
      expect(answer.status).toBe(500);
      const { detail } = (await answer.json()) as { detail: string };
      expect(detail).toContain('refused for Ada Lovelace');
      const written = () => output.join('\n').split('request.failed')[1] ?? '';
      await expect.poll(written, { timeout: 30_000 }).toContain('refused for Ada Lovelace');
      await expect.poll(written, { timeout: 30_000 }).toMatch(/src\/crm\/companies\/writes\.ts:\d+:\d+/);
      const line = Number(/src\/crm\/companies\/writes\.ts:(\d+):/.exec(written())?.[1]);
      const source = readFileSync(join(import.meta.dirname, '../../src/crm/companies/writes.ts'), 'utf8').split('\n');
      expect(source[line - 1]).toMatch(/await .*\.company\./);
    });

    test.runIf(process.platform === 'linux')('npm run dev:memory finds its processes', async () => {
      const { stdout } = await promisify(execFile)(process.execPath, ['dev/commands/memory.ts'], { cwd: ROOT });
      expect(stdout).toMatch(/MiB {2}ours +\d+ {2}dev\.ts\n/);
      expect(stdout).toMatch(/MiB {2}others +\d+ {2}workerd\n/);
    });

    test('the API page and its files are served', async () => {
      expect(await (await fetch(`${ready.api}/docs`)).text()).toContain('swagger-ui');
      expect((await fetch(`${ready.api}/docs/swagger-ui-bundle.js`)).status).toBe(200);
      expect(await (await fetch(`${ready.api}/openapi.json`)).json()).toMatchObject({ openapi: '3.1.0' });
    });

    test('a browser gets a first page whose links all lead to pages; a program is answered as in production', async () => {
      const headers = { accept: 'text/html,application/xhtml+xml' };
      const page = await (await fetch(`${ready.api}/`, { headers })).text();
      expect(page).toContain(ready.demoKey);
      const links = [...page.matchAll(/href="([^"]+)"/g)].map(([, href = '']) => new URL(href, ready.api).href);
      expect(links).toEqual([
        `${ready.api}/docs`,
        `${ready.api}/sign-in`,
        `${ready.api}/console`,
        `${ready.api}/care`,
        `${ready.api}/live`,
        `${ready.mail}/`,
        `${ready.qstash.url}/_emulator`,
        `${ready.api}/health/ready`,
      ]);
      const answers = await Promise.all(links.map((link) => fetch(link, { headers })));
      expect(answers.map(({ status }) => status)).toEqual(links.map(() => 200));
      const program = await fetch(`${ready.api}/`, { redirect: 'manual' });
      expect([program.status, program.headers.get('location')]).toEqual([303, '/welcome']);
    });

    test('the root of QStash leads a browser to its page, and refuses a program without the token', async () => {
      const browser = await fetch(ready.qstash.url, { headers: { accept: 'text/html' } });
      expect([browser.url, browser.status]).toEqual([`${ready.qstash.url}/_emulator`, 200]);
      expect((await fetch(ready.qstash.url)).status).toBe(401);
    });
  });

  test('Ctrl-C stops everything', async () => {
    const exited = once(dev, 'exit');
    dev.kill('SIGINT');
    await exited;
    await expect(fetch(`${ready.api}/health`)).rejects.toThrow();
    await expect(fetch(ready.redisRest.url)).rejects.toThrow();
  });
});
