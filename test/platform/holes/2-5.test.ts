/** Readiness while a part does not answer. */
import { describe, expect, test } from 'vitest';
import { createTestApp } from '../../support/app.ts';

const ready = async (environment: Record<string, string>, down: boolean) => {
  const options = down ? { fetch: () => Promise.reject(new TypeError('fetch failed')) } : {};
  const app = createTestApp({ environment, ...options });
  const response = await app.request('/health/ready', { key: null });
  const answer = (await response.json()) as { redis: { status: string }; database: { status: string } };
  await app.close();
  return { code: response.status, ...answer };
};
const NO_DATABASE = { DATABASE_URL: 'postgresql://app:app@127.0.0.1:1/app' };

describe('2/5 readiness', () => {
  test('is ok while both servers answer', async () => {
    expect(await ready({}, false)).toMatchObject({ code: 200, status: 'ok' });
  });
  test('is degraded, with 200, while Redis does not answer', async () => {
    const redis = { status: 'down' };
    expect(await ready({}, true)).toMatchObject({ code: 200, status: 'degraded', redis, database: { status: 'ok' } });
  });
  test('is down, with 503, while PostgreSQL does not answer', async () => {
    const database = { status: 'down' };
    expect(await ready(NO_DATABASE, false)).toMatchObject({
      code: 503,
      status: 'down',
      redis: { status: 'ok' },
      database,
    });
  });
});
