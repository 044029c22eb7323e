/** The fingerprint of a request is made from its bytes: a file arrives unchanged, and two files are two requests. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { post } from '../../support/idempotent.ts';
import { createInstance, type Instance } from '../../support/instance.ts';
import { createTenant } from '../../support/tenant.ts';

let app: Instance;
beforeAll(async () => {
  app = await createInstance({ tenant: await createTenant(inject('cloud').postgres.url) });
});
afterAll(() => app.close());

const csv = { 'content-type': 'text/csv' };
const importFile = (key: string, body: Uint8Array<ArrayBuffer>) =>
  post(app, key, '/imports/contacts', { body, headers: csv });

describe('1/M3 a request with a key', () => {
  test('may have a body that is not UTF-8', async () => {
    const file = new Uint8Array(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('name\nÅsa\n', 'utf16le')]));
    const first = await importFile('utf-16', file);
    expect(first.status).toBe(202);
    expect(await first.json()).toMatchObject({ rows: 1 });
    const again = await importFile('utf-16', file);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  test('differs from another request if one byte differs, even if neither byte is UTF-8', async () => {
    const [one, two] = [0xfc, 0xf6].map((byte) => new Uint8Array([...Buffer.from('name\nM'), byte, 0x0a]));
    const first = await importFile('latin-1', one ?? new Uint8Array());
    expect(await first.json()).toMatchObject({ code: 'CSV_UNREADABLE' });
    const other = await importFile('latin-1', two ?? new Uint8Array());
    expect([other.status, await other.json()]).toEqual([
      422,
      expect.objectContaining({ code: 'IDEMPOTENCY_KEY_REUSED' }),
    ]);
  });
});
