/**
 * R21: an edge that compresses answers, and a cache behind it that keeps them by `Vary`: compressed and plain bodies
 * have different validators, a weakened validator is replayed to the app and gets 304, and it still guards a write.
 */
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { createTestApp } from '../../support/app.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';

const app = createTestApp();
let tenant: OwnTenant;
let path: string;

/** Forwards a request and compresses the answer if the caller accepts gzip; then its ETag becomes weak (RFC 9110, 8.8.1). */
const edge = createServer(async (asked, response) => {
  const body = await bodyOf(asked);
  const headers = new Headers();
  for (const [name, value] of Object.entries(asked.headers)) {
    if (name !== 'host' && name !== 'connection' && name !== 'content-length') headers.set(name, String(value));
  }
  const { method = 'GET', url = '/' } = asked;
  const answer = await app.app.request(url, { method, headers, ...(body === '' ? {} : { body }) });
  const text = Buffer.from(await answer.arrayBuffer());
  const sent = Object.fromEntries(answer.headers);
  const compresses = /\bgzip\b/.test(headers.get('accept-encoding') ?? '') && text.length > 0;
  if (compresses) {
    sent['content-encoding'] = 'gzip';
    if (sent['etag']) sent['etag'] = `W/${sent['etag']}`;
  }
  delete sent['content-length'];
  response.writeHead(answer.status, sent).end(compresses ? gzipSync(text) : text);
});

async function bodyOf(asked: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of asked) text += String(chunk);
  return text;
}

interface Stored {
  etag: string;
  encoding: string | null;
  text: string;
}

/** The key under which a cache keeps an answer: the request's values of the headers that `Vary` names. */
function variantOf(vary: string | null, headers: Record<string, string>): string {
  const names = (vary ?? '').toLowerCase().split(/ *, */).toSorted();
  return names.map((name) => `${name}=${headers[name] ?? ''}`).join('&');
}

/** Sends a request through the edge, without the decoding and the headers of `fetch`. */
async function through(method: string, headers: Record<string, string>, json?: object) {
  const { port } = edge.address() as AddressInfo;
  return new Promise<{ status: number; headers: Headers; text: string }>((resolve, reject) => {
    const credentials = { authorization: `Bearer ${tenant.keys.all}` };
    const content = json ? { 'content-type': 'application/json' } : {};
    const sent = request(
      { port, path, method, headers: { ...credentials, ...content, ...headers } },
      async (answer) => {
        const parts: Buffer[] = [];
        for await (const part of answer) parts.push(part as Buffer);
        const got = new Headers(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
        const bytes = Buffer.concat(parts);
        const text = (got.get('content-encoding') === 'gzip' ? gunzipSync(bytes) : bytes).toString();
        resolve({ status: answer.statusCode ?? 0, headers: got, text });
      },
    );
    sent.on('error', reject).end(json ? JSON.stringify(json) : undefined);
  });
}

beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
  await new Promise<void>((resolve) => edge.listen(0, '127.0.0.1', resolve));
});
beforeEach(async () => {
  const added = await app.request('/contacts', { method: 'POST', key: tenant.keys.all, json: { name: 'Ada' } });
  path = `/contacts/${((await added.json()) as { id: string }).id}`;
});
afterAll(async () => {
  edge.close();
  await app.close();
});

test('a cache keeps the compressed and the plain answer apart, and each has a validator of its own', async () => {
  const stored = new Map<string, Stored>();
  for (const coding of ['gzip', 'identity']) {
    const headers = { 'accept-encoding': coding };
    const answer = await through('GET', headers);
    expect(answer.headers.get('vary')?.split(', ')).toContain('Accept-Encoding');
    stored.set(variantOf(answer.headers.get('vary'), headers), {
      etag: answer.headers.get('etag') ?? '',
      encoding: answer.headers.get('content-encoding'),
      text: answer.text,
    });
  }
  const [packed, plain] = [...stored.values()];
  expect(stored.size).toBe(2);
  expect([packed?.encoding, plain?.encoding]).toEqual(['gzip', null]);
  expect(packed?.etag).toBe(`W/${plain?.etag}`);
  expect(packed?.text).toBe(plain?.text);
});

test('a weakened validator gets 304 with the same Vary as long as nothing changes, and 200 after a change', async () => {
  const headers = { 'accept-encoding': 'gzip' };
  const first = await through('GET', headers);
  const replayed = { ...headers, 'if-none-match': first.headers.get('etag') ?? '' };
  const again = await through('GET', replayed);
  expect([again.status, again.text, again.headers.get('vary')]).toEqual([304, '', first.headers.get('vary')]);
  await app.request(path, { method: 'PATCH', key: tenant.keys.all, json: { jobTitle: 'Editor' } });
  const changed = await through('GET', replayed);
  expect([changed.status, JSON.parse(changed.text)]).toMatchObject([200, { jobTitle: 'Editor' }]);
  expect(changed.headers.get('etag')).not.toBe(first.headers.get('etag'));
});

test('a weakened validator guards a write: the first of two writers changes the row, the other one gets 412', async () => {
  const etag = (await through('GET', { 'accept-encoding': 'gzip' })).headers.get('etag') ?? '';
  expect(etag).toMatch(/^W\//);
  const headers = { 'accept-encoding': 'gzip', 'if-match': etag };
  const won = await through('PATCH', headers, { jobTitle: 'first' });
  const lost = await through('PATCH', headers, { jobTitle: 'second' });
  expect([won.status, lost.status]).toEqual([200, 412]);
  expect(JSON.parse(lost.text)).toMatchObject({ current: { jobTitle: 'first' } });
  expect(lost.headers.get('etag')).toBe(won.headers.get('etag'));
});

test('a validator that an edge made by another rule matches nothing: the answer is whole, and no write is made', async () => {
  const etag = (await through('GET', {})).headers.get('etag') ?? '';
  const suffixed = etag.replace(/"$/, '-gzip"');
  expect((await through('GET', { 'if-none-match': suffixed })).status).toBe(200);
  expect((await through('PATCH', { 'if-match': suffixed }, { jobTitle: 'never' })).status).toBe(412);
});
