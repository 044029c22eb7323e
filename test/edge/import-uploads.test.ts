/** Files of imports as they are sent to a deployed Worker and to a Lambda: gzip of one and of several members, and parts. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startTestLambda } from '../support/lambda.ts';
import { createTenant, type OwnTenant, sql } from '../support/tenant.ts';
import { startTestWorker } from '../support/worker.ts';

const HOSTS = { Worker: startTestWorker, Lambda: startTestLambda } as const;

let tenant: OwnTenant;
beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
});

describe.each(Object.entries(HOSTS))('%s', (_name, start) => {
  let host: { fetch(path: string, init?: RequestInit): Promise<Response>; close(): Promise<void> };
  beforeAll(async () => {
    host = await start(inject('cloud'));
  });
  afterAll(() => host.close());

  const send = (path: string, method: string, body?: BodyInit, coding?: string) =>
    host.fetch(path, {
      method,
      headers: {
        authorization: `Bearer ${tenant.keys.all}`,
        ...(body === undefined ? {} : { 'content-type': 'text/csv' }),
        ...(coding === undefined ? {} : { 'content-encoding': coding }),
      },
      ...(body === undefined ? {} : { body }),
    });
  const begun = async (response: Response, status = 202) => {
    const answer = (await response.json()) as { id: string; rows: number };
    expect(response.status, JSON.stringify(answer)).toBe(status);
    return answer;
  };
  const lines = (from: number, count: number) =>
    Array.from({ length: count }, (_each, index) => `Zoé ${from + index},z${from + index}@x.example\n`).join('');

  test('a plain file, gzip, and gzip of several members have all their rows', async () => {
    const file = `Name,Email\n${lines(0, 200)}`;
    const members = [`Name,Email\n${lines(0, 100)}`, lines(100, 50), lines(150, 50)].map((text) => gzipSync(text));
    for (const [body, coding] of [[file], [gzipSync(file), 'gzip'], [Buffer.concat(members), 'gzip']] as const) {
      const { rows } = await begun(await send('/imports/contacts', 'POST', body, coding));
      expect(rows).toBe(200);
    }
  });

  test('parts are stored byte for byte, plain, as gzip and as gzip of several members', async () => {
    const bytes = Buffer.from(`Name,Email\n${lines(0, 300)}`);
    // The first cut is within a character.
    const cut = bytes.indexOf(0xc3) + 1;
    const parts = [bytes.subarray(0, cut), bytes.subarray(cut, 4_000), bytes.subarray(4_000)] as const;
    const { id } = await begun(await send('/imports/contacts?parts=3', 'POST', ''));
    const middle = Buffer.concat([gzipSync(parts[1].subarray(0, 999)), gzipSync(parts[1].subarray(999))]);
    for (const [number, body, coding] of [
      [2, middle, 'gzip'],
      [3, parts[2]],
      [1, gzipSync(parts[0]), 'gzip'],
    ] as const) {
      expect((await send(`/imports/${id}/parts/${number}`, 'PUT', body as BodyInit, coding)).status).toBe(200);
    }
    const stored = await sql<{ bytes: Uint8Array }>(
      inject('cloud').postgres.url,
      'SELECT bytes FROM import_pieces WHERE tenant_id = $1 AND import_id = $2 ORDER BY part, seq',
      [tenant.id, id],
    );
    expect(Buffer.concat(stored.map((piece) => piece.bytes)).equals(bytes)).toBe(true);
    await begun(await send(`/imports/${id}/start`, 'POST'));
  });

  test('gzip that is cut off, and other bytes after it, are refused', async () => {
    const whole = gzipSync(`Name,Email\n${lines(0, 300)}`);
    for (const body of [
      whole.subarray(0, whole.length - 9),
      Buffer.concat([whole, whole.subarray(0, 60)]),
      Buffer.concat([whole, Buffer.from('Name\nAda\n')]),
    ]) {
      const response = await send('/imports/contacts', 'POST', body, 'gzip');
      expect([response.status, await response.json()]).toMatchObject([400, { code: 'MALFORMED_BODY' }]);
    }
  });
});
