/**
 * A large file of contacts in workerd: it comes in parts and is imported in bounded memory. The Worker is killed in the
 * middle, and no row is lost or doubled. `LARGE_IMPORT_ROWS=100000` makes the file longer; the bound stays.
 */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startQstash } from '../../dev/qstash/server.ts';
import { openMigratedDatabase } from '../platform/db/database.ts';
import { APP_URL } from '../support/app.ts';
import { startRest } from '../support/rest.ts';
import { createTenant, sql } from '../support/tenant.ts';
import { startTestWorker, type TestWorker } from '../support/worker.ts';

const MIB = 1024 * 1024;
const ROWS = Number(process.env['LARGE_IMPORT_ROWS'] ?? 30_000);
const PART_BYTES = MIB / 2;
const JOBS_URL = 'http://deliveries.test';

let worker: TestWorker;
/** Rejects when the Worker is killed: its connections end, and it answers nothing more. */
let death = Promise.withResolvers<never>();
let stage: Awaited<ReturnType<typeof openStage>>;
beforeAll(async () => {
  stage = await openStage();
  worker = await stage.start();
});
afterAll(async () => {
  await worker.close();
  await stage.close();
});

/** A database, a Redis and a QStash of their own; QStash delivers to the current Worker. */
async function openStage() {
  const cloud = inject('cloud');
  const [database, redis] = await Promise.all([openMigratedDatabase(), startRest()]);
  const keys = { current: cloud.qstash.currentSigningKey, next: cloud.qstash.nextSigningKey };
  const qstash = await startQstash({
    token: cloud.qstash.token,
    keys,
    async fetch(url, init) {
      const request = new Request(url, init);
      const headers = Object.fromEntries(request.headers);
      const delivery = { method: 'POST', headers, body: await request.text() };
      return Promise.race([worker.fetch(new URL(request.url).pathname, delivery), death.promise]);
    },
  });
  return {
    tenant: await createTenant(database.connectionString),
    query: (text: string) => sql<{ count: number; addresses: number }>(database.connectionString, text),
    start: () =>
      startTestWorker(
        {
          ...cloud,
          redisRest: { url: redis.rest.url, token: redis.rest.token },
          postgres: { url: database.connectionString },
          qstash: { ...cloud.qstash, url: qstash.url },
        },
        { APP_URL, JOBS_URL },
      ),
    async close() {
      await qstash.close();
      await redis.close();
      await database.close();
    },
  };
}

/** The parts of a file of contacts, each shorter than one request may be. */
function* parts(): Generator<string> {
  let part = 'Name,E-mail,Phone,Company\n';
  for (let n = 0; n < ROWS; n += 1) {
    part += `Person Number ${n},person${n}@example.com,+49 30 ${1_000_000 + n},Company ${n % 50}\n`;
    if (part.length < PART_BYTES) continue;
    yield part;
    part = '';
  }
  yield part;
}

async function ask(path: string, method = 'GET', body?: string): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${stage.tenant.keys.all}`, 'content-type': 'text/csv' };
  const answer = await worker.fetch(path, { method, headers, ...(body === undefined ? {} : { body }) });
  const json = (await answer.json()) as Record<string, unknown>;
  expect(answer.status, JSON.stringify(json)).toBeLessThan(300);
  return json;
}

test(`${ROWS} rows are imported in bounded memory, and a kill in the middle loses and doubles none`, async () => {
  const all = [...parts()];
  const { id } = await ask(`/imports/contacts?parts=${all.length}`, 'POST', '');
  for (const [index, part] of all.entries()) await ask(`/imports/${id}/parts/${index + 1}`, 'PUT', part);
  await ask(`/imports/${id}/start`, 'POST', '');
  const heaps: number[] = [];
  const until = async (isSo: (answer: Record<string, unknown>) => boolean) => {
    let answer: Record<string, unknown> = {};
    await expect
      .poll(
        async () => {
          // The cron trigger: a slice whose publication was lost with the Worker is published by the drain.
          await worker.scheduled(Date.now());
          answer = await ask(`/imports/${id}`);
          return isSo(answer) || answer['status'] === 'failed';
        },
        { timeout: 900_000, interval: 2_000 },
      )
      .toBe(true);
    heaps.push(await worker.liveHeap());
    return answer;
  };
  await until(({ rows }) => Number(rows) > ROWS / 5);
  await until(({ done }) => Number(done) > ROWS / 5);
  death.promise.catch(() => undefined);
  death.reject(new TypeError('The Worker is dead'));
  await worker.close();
  worker = await stage.start();
  death = Promise.withResolvers<never>();
  await until(({ done }) => Number(done) > (3 * ROWS) / 5);
  expect(await until(({ status }) => status === 'done')).toMatchObject({
    ...{ rows: ROWS, imported: ROWS, updated: 0, unchanged: 0, rejected: 0, companiesCreated: 50 },
  });
  const counted = await stage.query(
    `SELECT count(*)::int AS count, count(DISTINCT email)::int AS addresses FROM contacts
     WHERE tenant_id = '${stage.tenant.id}'`,
  );
  expect(counted).toEqual([{ count: ROWS, addresses: ROWS }]);
  console.log(`Live heap during an import of ${ROWS} rows: ${heaps.map((heap) => `${Math.round(heap / MIB)} MiB`)}`);
  expect(Math.max(...heaps)).toBeLessThan(64 * MIB);
}, 1_200_000);
