/** Methods and trailing slashes, on every path of the OpenAPI document and on the pages. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { costOf, createTestApp } from '../../support/app.ts';
import { describedOperations } from './described-api.ts';
import { problemOf } from './problem.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const NOTHING = { redis: '0 requests, 0 commands', db: '0 queries' };

let app: ReturnType<typeof createTestApp>;
/** The methods of each path, with its parameters replaced by `none`. */
let served: Map<string, ReadonlySet<string>>;
beforeAll(async () => {
  app = createTestApp();
  const operations = await describedOperations(app);
  const methodsOf = (path: string) => operations.filter((each) => patternOf(each.path).test(path));
  served = new Map([
    ...operations.map(({ path }) => {
      const example = path.replace(/\{\w+\}/g, 'none');
      return [example, new Set(methodsOf(example).map(({ method }) => method))] as const;
    }),
    ...OTHER_PATHS,
  ]);
});
afterAll(() => app.close());

/** `/deals/{id}` serves `/deals/pipeline` too. */
const patternOf = (path: string) => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`);

/** Routes that are not part of the document. */
const OTHER_PATHS = [
  ['/docs', new Set(['GET'])],
  ['/openapi.json', new Set(['GET'])],
  ['/sign-in/code', new Set(['GET', 'POST'])],
  ['/sign-out', new Set(['POST'])],
] as const;

const names = (allow: string | null) => new Set(allow?.split(', '));

test('each method that a path does not serve is a 405 with Allow, without a gate and without costs', async () => {
  let refused = 0;
  for (const [path, methods] of served) {
    const allowed = new Set([...methods, ...(methods.has('GET') ? ['HEAD'] : []), 'OPTIONS']);
    for (const method of [...METHODS, 'HEAD'].filter((each) => !allowed.has(each))) {
      // Without a key a gate would answer 401.
      const response = await app.request(path, { method, key: null });
      expect({ method, path, status: response.status }).toEqual({ method, path, status: 405 });
      expect(names(response.headers.get('allow')), path).toEqual(allowed);
      expect(costOf(response)).toEqual(NOTHING);
      if (method === 'HEAD') expect(await response.text()).toBe('');
      else expect(await problemOf(response, `${method} ${path}`)).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(100);
});

test('OPTIONS on each path is a 204 with Allow, without costs', async () => {
  for (const [path, methods] of served) {
    const response = await app.request(path, { method: 'OPTIONS', key: null });
    const type = response.headers.get('content-type');
    expect({ path, status: response.status, type }).toEqual({ path, status: 204, type: null });
    const allowed = new Set([...methods, ...(methods.has('GET') ? ['HEAD'] : []), 'OPTIONS']);
    expect(names(response.headers.get('allow')), path).toEqual(allowed);
    expect(costOf(response)).toEqual(NOTHING);
  }
});

test('HEAD answers as GET, without the body', async () => {
  for (const path of ['/deals?limit=2', '/health', '/deals/none', '/openapi.json']) {
    const get = await app.request(path);
    const head = await app.request(path, { method: 'HEAD' });
    expect(await head.text()).toBe('');
    expect(head.status).toBe(get.status);
    for (const name of ['content-type', 'cache-control', 'etag']) {
      expect({ path, name, value: head.headers.get(name) }).toEqual({ path, name, value: get.headers.get(name) });
    }
  }
});

test('a trailing slash is ignored: on each path the route answers with the same status and costs', async () => {
  for (const [path, methods] of served) {
    if (path === '/') continue;
    for (const method of methods) {
      const [plain, slash] = [
        await app.request(path, { method, key: null }),
        await app.request(`${path}/`, { method, key: null }),
      ];
      const about = `${method} ${path}/`;
      expect({ about, status: slash.status }).toEqual({ about, status: plain.status });
      expect(slash.headers.get('location'), about).toBe(plain.headers.get('location'));
    }
  }
});

test('a trailing slash is ignored: the cached answer is the same, and a problem names the path without it', async () => {
  await app.request('/deals?limit=3');
  const answer = await app.request('/deals/?limit=3');
  expect(answer.headers.get('x-cache')).toBe('HIT');
  expect(answer.headers.get('etag')).toBe((await app.request('/deals?limit=3')).headers.get('etag'));
  expect(await problemOf(await app.request('/deals/none/'), 'none')).toMatchObject({ instance: '/deals/none' });
});

test('a trailing slash never redirects, on any path', async () => {
  for (const path of ['//evil.example/', '/\\evil.example/', '/%2F%2Fevil.example/', '/deals//']) {
    const response = await app.app.request(new Request(`http://app.test${path}`));
    expect({ path, status: response.status }).toEqual({ path, status: 404 });
    expect(response.headers.get('location')).toBeNull();
  }
});
