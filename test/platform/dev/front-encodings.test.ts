/** The front of the local Worker gives a compressed answer a weak ETag, as Cloudflare's edge does. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Front, startFront } from '../../../dev/worker/front.ts';

const worker = createServer((request, response) => {
  const encoding = request.headers['accept-encoding'] === 'gzip' ? { 'content-encoding': 'gzip' } : {};
  response.writeHead(200, { etag: request.url === '/weak' ? 'W/"a"' : '"a"', 'x-etag': '"a"', ...encoding }).end();
});
let front: Front;
beforeAll(async () => {
  await new Promise<void>((resolve) => worker.listen(0, '127.0.0.1', resolve));
  front = await startFront(0);
  front.set({ state: 'ready', url: `http://127.0.0.1:${(worker.address() as AddressInfo).port}` });
});
afterAll(async () => {
  await front.close();
  worker.close();
});

test.each([
  ['gzip', '/strong', 'W/"a"'],
  ['gzip', '/weak', 'W/"a"'],
  ['identity', '/strong', '"a"'],
])('in %s, %s has the ETag %s', async (encoding, path, etag) => {
  // `fetch` would decode the empty body and fail.
  const { headers } = await fetch(front.url + path, { method: 'HEAD', headers: { 'accept-encoding': encoding } });
  expect(headers.get('etag')).toBe(etag);
  expect(headers.get('x-etag')).toBe('"a"');
});
