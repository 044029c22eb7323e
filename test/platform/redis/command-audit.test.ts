/** `REDIS_COMMAND_AUDIT`: the log has the commands of each request to Redis by family and tenant, and no argument. */
import { afterAll, expect, test } from 'vitest';
import { createTestApp, demoKeys } from '../../support/app.ts';

const on = createTestApp({ environment: { REDIS_COMMAND_AUDIT: 'on' } });
const off = createTestApp();
afterAll(() => Promise.all([on.close(), off.close()]));

const audited = ({ lines }: typeof on) => lines.filter((line) => line.includes('redis.commands'));

test('a request is logged with its commands, its id and no key of Redis; by default nothing is logged', async () => {
  const responses = [await on.request('/deals?limit=2'), await off.request('/deals?limit=2')];
  expect(responses.map(({ status }) => status)).toEqual([200, 200]);
  const records = audited(on).map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(records[0]).toMatchObject({
    event: 'redis.commands',
    requestId: expect.any(String),
    commands: expect.arrayContaining([{ command: 'MGET', family: 'entry', tenant: 'acme', count: 1 }]),
    code: null,
  });
  expect(audited(on).filter((line) => line.includes('hf:') || line.includes(demoKeys.acme))).toEqual([]);
  expect(audited(off)).toEqual([]);
});
