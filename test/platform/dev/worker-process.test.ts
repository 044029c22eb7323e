/** The Worker process of `npm run dev`, with a small Worker: broken files, killed processes, two at once. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@upstash/qstash';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { messageOf } from '../../../dev/cloud/errors.ts';
import { listenOnFreePort } from '../../../dev/cloud/ports.ts';
import { type Qstash, startQstash } from '../../../dev/qstash/server.ts';
import { type Front, startFront } from '../../../dev/worker/front.ts';
import { startWorker, type WorkerProcess } from '../../../dev/worker/process.ts';

/** Answers with its own address and records deliveries. */
const WORKER = `
const delivered: string[] = [];
export default {
  async fetch(request: Request, env: { APP_URL: string }): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/job') delivered.push(request.headers.get('upstash-message-id') + ' ' + request.headers.get('upstash-retried'));
    return Response.json({ url: env.APP_URL, seen: request.url, delivered, body: await request.text() });
  },
};
`;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder with a Worker of this source. */
function project(worker: string): { config: string; write(lines: string): void } {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-worker-'));
  folders.push(folder);
  const write = (lines: string): void => writeFileSync(join(folder, 'worker.ts'), lines);
  write(worker);
  const config = join(folder, 'wrangler.toml');
  writeFileSync(config, 'name = "small"\nmain = "worker.ts"\ncompatibility_date = "2026-11-17"\n');
  return { config, write };
}

interface Running {
  front: Front;
  qstash: Qstash;
  worker: WorkerProcess;
  log: string[];
  write(lines: string): void;
  close(): Promise<void>;
}

async function run(port: number, beforeStart?: (client: Client, url: string) => Promise<void>): Promise<Running> {
  const log: string[] = [];
  const { config, write } = project(WORKER);
  const front = await listenOnFreePort('worker', { port }, startFront);
  const keys = { current: 'sig_1', next: 'sig_2' };
  const qstash = await startQstash({ token: 't', keys, heldOrigin: front.url });
  await beforeStart?.(new Client({ baseUrl: qstash.url, token: 't' }), front.url);
  const nothing = { url: 'http://127.0.0.1:1', token: 'x' };
  const worker = await startWorker({
    cloud: {
      redisRest: nothing,
      mail: nothing,
      postgres: { url: 'postgres://127.0.0.1:1/none' },
      qstash: { url: qstash.url, token: 't', currentSigningKey: keys.current, nextSigningKey: keys.next },
      deliveries: { hold: () => qstash.hold(front.url), release: qstash.release },
    },
    front,
    config,
    log: (line) => log.push(line),
    onCrash: (error) => log.push(`crashed: ${error.message}`),
  });
  return {
    ...{ front, qstash, worker, log, write },
    async close() {
      await worker.close();
      await qstash.close();
      await front.close();
    },
  };
}

interface Answer {
  url: string;
  seen: string;
  delivered: string[];
  body: string;
}

const PATIENT = { timeout: 60_000, interval: 100 };

describe('a Worker', () => {
  let running: Running;
  let early = '';
  let deliveredFirst: string[] = [];
  beforeAll(async () => {
    running = await run(0, async (client, url) => {
      early = (await client.publish({ url: `${url}/job`, body: 'early' })).messageId;
    });
    // A restarted Worker loses its record of deliveries.
    deliveredFirst = await vi.waitFor(async () => {
      const { delivered } = await answer();
      if (delivered.length === 0) throw new Error('nothing is delivered yet');
      return delivered;
    }, PATIENT);
  });
  afterAll(() => running.close());

  const ask = (path = '/', init?: RequestInit) => fetch(running.front.url + path, init);
  const answer = async (): Promise<Answer> => (await (await ask()).json()) as Answer;

  test('QStash’s messages wait until the Worker listens, and arrive at the first attempt', () => {
    expect(deliveredFirst).toEqual([`${early} 0`]);
  });

  test('gets the address of the front, and whole bodies', async () => {
    const body = 'x'.repeat(3_000_000);
    const seen = (await (await ask('/a?b=1', { method: 'POST', body })).json()) as Answer;
    expect(seen).toEqual({ ...seen, seen: `${running.front.url}/a?b=1`, body });
  });

  test('4/B2: a syntax error is answered with 500 and its place; deliveries wait until it is fixed', async () => {
    running.write(`${WORKER}\nexport const broken = {\n`);
    await expect.poll(async () => (await ask()).status, PATIENT).toBe(500);
    const line = WORKER.split('\n').length + 2;
    expect(await (await ask()).json()).toMatchObject({
      code: 'BUILD_FAILED',
      detail: expect.stringMatching(`worker.ts:${line}:1: Expected`),
    });
    const client = new Client({ baseUrl: running.qstash.url, token: 't' });
    const { messageId } = await client.publish({ url: `${running.front.url}/job`, body: 'late' });
    expect(running.qstash.state().counts).toMatchObject({ sending: 0, waitingToSend: 1 });
    running.write(WORKER);
    await expect.poll(async () => (await ask()).status, PATIENT).toBe(200);
    await expect.poll(async () => (await answer()).delivered, PATIENT).toEqual([`${messageId} 0`]);
  });

  test('an error during loading is answered with 500 too, and can be fixed', async () => {
    running.write(`throw new TypeError('broken at its first line');\n${WORKER}`);
    await expect.poll(async () => (await ask()).status, PATIENT).toBe(500);
    expect(await (await ask()).json()).toMatchObject({
      code: 'BUILD_FAILED',
      detail: expect.stringMatching(/^TypeError: broken at its first line\n/),
    });
    running.write(WORKER);
    await expect.poll(async () => (await ask()).status, PATIENT).toBe(200);
  });

  // One workerd runs the Worker, the other one wrangler's proxy in front of it.
  test.each(['--oldest', '--newest'])(
    'a killed workerd (%s) is noticed, and the Worker is restarted',
    async (which) => {
      const wrangler = running.worker.pid();
      const workerd = execFileSync('pgrep', [which, '--pgroup', String(wrangler), '--exact', 'workerd'], {
        encoding: 'utf8',
      });
      running.log.length = 0;
      process.kill(Number(workerd), 'SIGKILL');
      await expect.poll(() => running.worker.pid(), PATIENT).not.toBe(wrangler);
      expect((await ask()).status).toBe(200);
      expect(running.log).toContain('worker: workerd ended with SIGKILL; it is started again');
      expect(running.log.join('\n')).not.toContain('crashed');
    },
  );

  test('1/M6, R9: a second one for the same port gets an address of its own with its own Worker', async () => {
    const other = await run(running.front.port);
    try {
      expect(other.front.port).not.toBe(running.front.port);
      for (const { front } of [running, other]) {
        expect(await (await fetch(front.url)).json()).toMatchObject({ url: front.url, seen: `${front.url}/` });
      }
    } finally {
      await other.close();
    }
  });
});

test('a failed start ends with the reason, after at most 20 lines of wrangler', async () => {
  const { config } = project(WORKER);
  const manyLines = Array.from({ length: 60 }, (_each, at) => `VARIABLE_${at} = "1"\n`).join('');
  appendFileSync(config, `[assets]\ndirectory = "nowhere"\n[vars]\n${manyLines}`);
  const front = await startFront(0);
  const nothing = { url: 'http://127.0.0.1:1', token: 'x', currentSigningKey: 'x', nextSigningKey: 'x' };
  const cloud = { redisRest: nothing, mail: nothing, qstash: nothing, postgres: nothing };
  const starting = startWorker({
    cloud: { ...cloud, deliveries: { hold() {}, release() {} } },
    ...{ front, config, log() {}, onCrash() {} },
  });
  const error: unknown = await starting.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: 'not_ready', part: 'worker' });
  const lines = messageOf(error).split('\n');
  expect(lines[0]).toBe('worker: the last lines of wrangler:');
  const reason = lines.findIndex((line) => line.startsWith('An error occurred'));
  expect(reason).toBe(21);
  expect(lines.slice(reason).join('\n')).toContain('nowhere');
  await front.close();
});
