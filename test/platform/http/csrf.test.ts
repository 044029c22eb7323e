/** Which pages may cause writes in a browser: our own, and those of configured origins. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isTrustedOrigin, WRITING_METHODS } from '../../../src/platform/http/csrf.ts';
import { APP_URL, createTestApp } from '../../support/app.ts';

const friend = 'https://app.example';
const stranger = 'https://evil.example';

let app: ReturnType<typeof createTestApp>;
beforeAll(() => {
  app = createTestApp({ environment: { CORS_ORIGINS: friend } });
});
afterAll(() => app.close());

/** A write without credentials in a header: unless refused for its origin, the request goes on to the gate. */
async function write(headers: Record<string, string>): Promise<string> {
  const response = await app.request('/deals', { method: 'POST', key: null, json: { title: 'x' }, headers });
  return ((await response.json()) as { code: string }).code;
}

describe('a write with a cookie', () => {
  const cookie = '__Host-session=any';
  test.each<[string, Record<string, string>]>([
    ['our own page', { 'sec-fetch-site': 'same-origin' }],
    ['our own page, by an older browser', { origin: APP_URL }],
    ['the page of a configured origin', { 'sec-fetch-site': 'cross-site', origin: friend }],
  ])('passes from %s', async (_from, headers) => {
    expect(await write({ cookie, ...headers })).toBe('NOT_AUTHENTICATED');
  });

  test.each<[string, Record<string, string>]>([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: stranger }],
    ['a sibling of our host', { 'sec-fetch-site': 'same-site', origin: 'http://other.app.test' }],
    ['another site, by an older browser', { origin: stranger }],
    ['a sandboxed frame', { origin: 'null' }],
    ['another site that hides its origin', { 'sec-fetch-site': 'cross-site' }],
    ['no header', {}],
    ['an origin that begins like ours', { origin: `${APP_URL}.evil.example` }],
    ['an unknown value', { 'sec-fetch-site': 'anything' }],
  ])('is refused from %s', async (_from, headers) => {
    expect(await write({ cookie, ...headers })).toBe('CROSS_SITE');
  });
});

test('a program without cookies may write; a page of another site may not, with or without them', async () => {
  expect(await write({})).toBe('NOT_AUTHENTICATED');
  expect(await write({ origin: stranger })).toBe('CROSS_SITE');
  expect(await write({ 'sec-fetch-site': 'cross-site' })).toBe('CROSS_SITE');
});

test('with an Authorization header, which no browser adds by itself, the origin does not matter', async () => {
  const headers = { origin: stranger, 'sec-fetch-site': 'cross-site' };
  const response = await app.request('/deals', { method: 'POST', json: {}, headers });
  expect(response.status).toBe(400);
});

test('reads are not checked', async () => {
  const response = await app.request('/health', { key: null, headers: { origin: stranger, cookie: 'a=b' } });
  expect(response.status).toBe(200);
});

test.each(WRITING_METHODS)('a %s of another site is refused, on a path without such a route too', async (method) => {
  const headers = { origin: stranger, cookie: '__Host-session=any' };
  const response = await app.request('/health', { method, key: null, headers });
  expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([403, 'CROSS_SITE']);
});

test('every route reads, or has a method whose requests are checked', () => {
  // Middleware has the method `ALL`, or a path for all routes.
  const routes = app.app.routes.filter(({ path, method }) => !path.endsWith('*') && method !== 'ALL');
  expect(new Set(routes.map(({ method }) => method))).toEqual(new Set(['GET', ...WRITING_METHODS]));
});

test('a foreign origin is never trusted, with any header of the browser', () => {
  const site = fc.option(fc.constantFrom('cross-site', 'same-site', 'none', 'x'), { nil: undefined });
  fc.assert(
    fc.property(site, fc.webUrl(), fc.boolean(), (said, origin, hasCookie) => {
      expect(isTrustedOrigin({ site: said, origin, hasCookie }, [APP_URL])).toBe(origin === APP_URL);
    }),
  );
});
