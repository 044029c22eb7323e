/** The API's description is valid OpenAPI, and its page finds its files, on every platform. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostNames, startHosts } from '../support/hosts.ts';

let hosts: Awaited<ReturnType<typeof startHosts>>;
beforeAll(async () => {
  hosts = await startHosts();
});
afterAll(() => Promise.all(hostNames.map((name) => hosts[name].close())));

const document = { path: '/openapi.json', key: null };

test('the description is valid OpenAPI 3.1', async () => {
  const { status, body } = await hosts.worker.send(document);
  expect(status).toBe(200);
  const validator = new Validator();
  expect(await validator.validate(structuredClone(body as Record<string, unknown>))).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
  expect(Object.keys((body as { paths: object }).paths)).toEqual(
    expect.arrayContaining(['/health', '/deals', '/deals/{id}', '/deals/pipeline', '/companies', '/contacts']),
  );
});

// In Node the app describes itself; the other hosts serve the file of the build, which is outdated if it differs.
test('the description and its cache headers are the same on every host, byte for byte', async () => {
  const { body, headers } = await hosts.node.send(document);
  expect(headers.get('cache-control')).toBe('public, max-age=300');
  expect(headers.get('x-request-id')).toMatch(/^[\w-]{22}$/);
  for (const name of hostNames) {
    const answer = await hosts[name].send(document);
    expect(answer.body).toEqual(body);
    // The ETag is a digest of the bytes.
    expect({ name, ...constant(answer.headers) }).toMatchObject({ name, ...constant(headers) });
  }
});

test.each(hostNames)('on %s a caller that has the description already gets a 304', async (name) => {
  const { headers } = await hosts[name].send(document);
  const etag = headers.get('etag') ?? '';
  expect(etag).toMatch(/^"[0-9a-f]{40}"$/);
  const again = await hosts[name].send({ ...document, headers: { 'if-none-match': etag } });
  expect({ status: again.status, body: again.body }).toEqual({ status: 304, body: '' });
});

/** The headers of an answer, except those that differ from answer to answer. */
function constant(headers: Headers): Record<string, string> {
  const differ = new Set(['x-request-id', 'server-timing', 'content-length']);
  return Object.fromEntries([...headers].filter(([name]) => !differ.has(name)));
}

// In Node only the app runs; a deployment has a file server in front of the app.
test.each(['worker', 'lambda'] as const)('on %s the page finds its files', async (name) => {
  const page = await hosts[name].send({ path: '/docs', key: null });
  const files = [...String(page.body).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
  expect(files.toSorted()).toEqual(['/docs/swagger-ui-bundle.js', '/docs/swagger-ui.css']);
  for (const path of files) {
    const { status, contentType, body } = await hosts[name].send({ path, key: null });
    expect({ path, status, contentType }).toEqual({
      path,
      status: 200,
      contentType: expect.stringMatching(path.endsWith('.css') ? /^text\/css/ : /^text\/javascript/),
    });
    expect(String(body)).toContain(path.endsWith('.css') ? '.swagger-ui' : 'SwaggerUIBundle');
  }
  expect(await hosts[name].send({ path: '/docs/none.js', key: null })).toMatchObject({ status: 404 });
  expect(await hosts[name].send({ path: '/docs/..%2f..%2flambda%2faws.mjs', key: null })).toMatchObject({
    status: 404,
  });
});
