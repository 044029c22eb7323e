/** HTTP caching of answers: private by default, conditional requests, and public routes. */
import { createRoute, z } from '@hono/zod-openapi';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createRouter, json, privateByDefault, publicCache, requestScope } from '../../../src/platform/http/index.ts';
import { createTestApp } from '../../support/app.ts';
import { createTenant } from '../../support/tenant.ts';

let app: ReturnType<typeof createTestApp>;
let other: ReturnType<typeof createTestApp>;
beforeAll(async () => {
  const { keys } = await createTenant(inject('cloud').postgres.url);
  app = createTestApp({ key: keys.all });
  other = createTestApp({ key: keys.all });
});
afterAll(() => Promise.all([app.close(), other.close()]));

describe('private by default', () => {
  test('a successful answer may be stored by its caller, must be revalidated, and varies by caller', async () => {
    const response = await app.request('/deals/pipeline');
    expect(response.headers.get('cache-control')).toBe('private, no-cache');
    expect(response.headers.get('vary')).toMatch(/Authorization/i);
  });

  test.each([
    ['an error', '/deals/none', {}],
    ['a refusal', '/deals', { key: null }],
    ['a write', '/deals', { method: 'POST', json: { title: 'Not kept', value: 1 } }],
  ])('%s is not stored', async (_name, path, init) => {
    expect((await app.request(path, init)).headers.get('cache-control')).toBe('no-store');
  });
});

describe('encodings', () => {
  test.each(['/openapi.json', '/deals/pipeline', '/health', '/deals/none'])(
    '%s may be compressed on its way',
    async (path) => {
      const { headers } = await app.request(path);
      expect(headers.get('vary')?.split(', ')).toContain('Accept-Encoding');
      expect(headers.get('content-encoding')).toBeNull();
    },
  );

  test('an ETag that an edge made weak gets 304', async () => {
    const etag = (await app.request('/deals/pipeline')).headers.get('etag') ?? '';
    const again = await app.request('/deals/pipeline', { headers: { 'if-none-match': `W/${etag}` } });
    expect(again.status).toBe(304);
    expect(again.headers.get('vary')).toContain('Accept-Encoding');
  });
});

describe('conditional requests', () => {
  test('an answer has the same ETag on a miss, on a hit and on another instance, and is sent once', async () => {
    await app.request('/deals', { method: 'POST', json: { title: 'New', value: 1 } });
    const miss = await app.request('/deals/pipeline');
    const hit = await other.request('/deals/pipeline');
    expect([miss.headers.get('x-cache'), hit.headers.get('x-cache')]).toEqual(['MISS', 'HIT']);
    const etag = hit.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{27}"$/);
    expect(miss.headers.get('etag')).toBe(etag);
    const again = await app.request('/deals/pipeline', { headers: { 'if-none-match': `"other", ${etag}` } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
    expect(again.headers.get('etag')).toBe(etag);
    expect(again.headers.get('cache-control')).toBe('private, no-cache');
    expect(again.headers.get('x-cache')).toBe('HIT');
  });

  test('after a write the old ETag no longer matches', async () => {
    const before = await app.request('/deals/pipeline');
    await app.request('/deals', { method: 'POST', json: { title: 'Newer', value: 1 } });
    const headers = { 'if-none-match': before.headers.get('etag') ?? '' };
    expect((await other.request('/deals/pipeline', { headers })).status).toBe(200);
  });

  test('without credentials an ETag gives no information', async () => {
    const { headers } = await app.request('/deals/pipeline');
    const guess = { 'if-none-match': headers.get('etag') ?? '' };
    expect((await app.request('/deals/pipeline', { key: null, headers: guess })).status).toBe(401);
  });
});

describe('public', () => {
  /** Every route that shared caches may store, by its declaration and by its behaviour. */
  test('only routes that ignore their caller are public', async () => {
    const document = (await (await app.request('/openapi.json')).json()) as {
      paths: Record<string, { get?: unknown }>;
    };
    const paths = Object.entries(document.paths).filter(([path, { get }]) => get && !path.includes('{'));
    const publicPaths: string[] = [];
    const before = app.lines.length;
    for (const path of [...paths.map(([each]) => each), '/openapi.json', '/docs']) {
      const response = await app.request(path);
      if (response.headers.get('cache-control')?.includes('public')) publicPaths.push(path);
    }
    expect(publicPaths).toEqual(['/openapi.json']);
    expect(app.lines.slice(before).filter((line) => line.includes('public_route_reads_credentials'))).toEqual([]);
  });

  test.each([
    ['the authorization header', (request: Request) => request.headers.get('Authorization')],
    ['the cookie', (request: Request) => request.headers.has('cookie')],
    ['all headers', (request: Request) => [...request.headers]],
    ['headers one by one', (request: Request) => Object.fromEntries(request.headers.entries())],
  ])('a route declared public that reads %s is not public, and the log reports it', async (_name, look) => {
    const router = createRouter();
    router.use(requestScope(() => app.platform));
    router.use(privateByDefault());
    const route = createRoute({
      method: 'get',
      path: '/public',
      middleware: publicCache({ maxAge: '1m' }),
      responses: { 200: json(z.object({}), 'Public') },
    });
    let looks = false;
    router.openapi(route, (c) => {
      if (looks) look(c.req.raw);
      return c.json({}, 200);
    });
    const blind = await router.request('/public', { headers: { authorization: 'x', cookie: 'y' } });
    expect(blind.headers.get('cache-control')).toBe('public, max-age=60');
    looks = true;
    const tainted = await router.request('/public', { headers: { authorization: 'x', cookie: 'y' } });
    expect(tainted.headers.get('cache-control')).toBe('private, no-store');
    expect(app.lines.at(-2)).toContain('public_route_reads_credentials');
  });
});
