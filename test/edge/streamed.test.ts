/** A streamed body arrives whole on every platform; a caller that disconnects leaves no connection open. */
import { request } from 'node:http';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { demoKeys } from '../../prisma/demo.ts';
import { startFaultyPostgres } from '../support/faulty-postgres.ts';
import { hostNames, startHosts } from '../support/hosts.ts';
import { sql } from '../support/tenant.ts';
import { startTestWorker } from '../support/worker.ts';

const PARTS = 8;
const part = (seq: number) => `${String(seq).repeat(500_000)}\r\n`;
const path = '/exports/export_streamed/file';

let hosts: Awaited<ReturnType<typeof startHosts>>;
beforeAll(async () => {
  hosts = await startHosts();
  const { url } = inject('cloud').postgres;
  await sql(
    url,
    `INSERT INTO exports (tenant_id, id, status, filter, rows, created_at, finished_at, expires_at)
     VALUES ('acme', 'export_streamed', 'done', '{}', ${PARTS}, now(), now(), now() + interval '7 days')`,
  );
  for (let seq = 0; seq < PARTS; seq += 1) {
    await sql(url, `INSERT INTO export_chunks VALUES ('acme', 'export_streamed', $1, $2)`, [seq, part(seq)]);
  }
});
afterAll(async () => {
  await Promise.all(hostNames.map((name) => hosts[name].close()));
  await sql(inject('cloud').postgres.url, `DELETE FROM exports WHERE id = 'export_streamed'`);
});

test.each(hostNames)('arrives whole on %s', async (name) => {
  const { status, body } = await hosts[name].send({ path, key: demoKeys.acme });
  expect(status).toBe(200);
  expect(body).toBe(Array.from({ length: PARTS }, (_, seq) => part(seq)).join(''));
});

test('callers that disconnect leave the Worker no open connection to the database', async () => {
  const cloud = inject('cloud');
  const postgres = await startFaultyPostgres(cloud.postgres.url);
  const worker = await startTestWorker({ ...cloud, postgres: { ...cloud.postgres, url: postgres.url } });
  const { href } = new URL(path, await worker.url());
  const headers = { authorization: `Bearer ${demoKeys.acme}` };
  for (let caller = 0; caller < 12; caller += 1) {
    await new Promise<void>((resolve, reject) => {
      const sent = request(href, { headers }, (response) => {
        response.once('data', () => {
          expect(postgres.connections).toBeGreaterThan(0);
          sent.destroy();
          resolve();
        });
      });
      sent.on('error', reject).end();
    });
  }
  await expect.poll(() => postgres.connections).toBe(0);
  expect(worker.lines.join('\n')).not.toContain('response.broken');
  await worker.close();
  await postgres.close();
});
