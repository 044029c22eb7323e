/** Signatures, checked with the SDK's own receiver, and the signing keys. */
import { expect, test } from 'vitest';
import { type Delivered, KEYS, useQstash } from '../../../support/qstash.ts';

const bench = useQstash();

const verify = (message: Delivered, to: string) =>
  bench.receiver.verify({ signature: String(message.headers['upstash-signature']), body: message.body, url: to });

test('are accepted by the SDK, bound to the URL and to the body', async () => {
  await bench.client.publishJSON({ url: `${bench.url}/hook`, body: { n: 1 } });
  await bench.qstash.clock.settle();
  expect(await verify(bench.last(), `${bench.url}/hook`)).toBe(true);
  await expect(verify({ ...bench.last(), body: '{"n":2}' }, `${bench.url}/hook`)).rejects.toThrow(/body hash/);
  await expect(verify(bench.last(), `${bench.url}/other`)).rejects.toThrow(/subject/);
});

test('of an empty body verify too', async () => {
  await bench.client.publish({ url: bench.url });
  await bench.qstash.clock.settle();
  expect(await verify(bench.last(), bench.url)).toBe(true);
});

test('have the claims of the documentation', async () => {
  await bench.client.publish({ url: bench.url, body: 'hello' });
  await bench.qstash.clock.settle();
  const [header = '', payload = ''] = String(bench.last().headers['upstash-signature']).split('.');
  const now = Math.floor(bench.qstash.clock.now() / 1_000);
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'HS256', typ: 'JWT' });
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toEqual({
    iss: 'Upstash',
    sub: bench.url,
    iat: now,
    exp: now + 300,
    nbf: 0,
    jti: expect.stringMatching(/^jwt_/),
    body: 'LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
  });
});

test('stay valid for the receiver across a rotation of the keys', async () => {
  expect(await (await bench.api('/v2/keys')).json()).toEqual(KEYS);
  await bench.api('/v2/keys/rotate', { method: 'POST' });
  expect(await (await bench.api('/v2/keys')).json()).toMatchObject({ current: KEYS.next });
  await bench.client.publish({ url: bench.url, body: 'b' });
  await bench.qstash.clock.settle();
  expect(await verify(bench.last(), bench.url)).toBe(true);
});
