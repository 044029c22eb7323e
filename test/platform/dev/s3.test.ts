/** The local S3: signatures, versions, object lock, and the list of a bucket. */
import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type S3, startS3 } from '../../../dev/s3/server.ts';

const KEY = { accessKeyId: 'id', secretAccessKey: 'secret' };
const NOW = Date.parse('2026-11-29T12:00:00.000Z');
const DAY_MS = 86_400_000;

let s3: S3;
let now = NOW;
beforeEach(async () => {
  now = NOW;
  s3 = await startS3({ ...KEY, now: () => now });
});
afterEach(() => s3.close());

const sha256 = (text: string, form: 'hex' | 'base64') => createHash('sha256').update(text).digest(form);

async function send(method: string, path: string, body = '', headers: Record<string, string> = {}, key = KEY) {
  const url = `${s3.url}${path}`;
  const content = { 'x-amz-content-sha256': sha256(body, 'hex'), ...headers };
  const signer = new AwsV4Signer({ ...{ method, url, service: 's3' }, headers: content, body, ...key });
  const { headers: signed } = await signer.sign();
  const response = await fetch(url, { method, headers: signed, ...(method === 'PUT' && { body }) });
  return { status: response.status, text: await response.text() };
}
const lock = (text: string, days = 1) => ({
  'x-amz-checksum-sha256': sha256(text, 'base64'),
  'x-amz-object-lock-mode': 'COMPLIANCE',
  'x-amz-object-lock-retain-until-date': new Date(NOW + days * DAY_MS).toISOString(),
});

test('a request without a signature, of another key, or with another body than it signs, is refused', async () => {
  const refused = { status: 403, text: expect.stringContaining('<Code>SignatureDoesNotMatch</Code>') as string };
  const plain = await fetch(`${s3.url}/bucket/a`, { method: 'PUT', body: 'x' });
  expect({ status: plain.status, text: await plain.text() }).toEqual(refused);
  expect(await send('PUT', '/bucket/a', 'x', {}, { ...KEY, secretAccessKey: 'other' })).toEqual(refused);
  expect(await send('PUT', '/bucket/a', 'x', {}, { ...KEY, accessKeyId: 'other' })).toEqual(refused);
  expect(await send('PUT', '/bucket/a', 'x', { 'x-amz-content-sha256': sha256('y', 'hex') })).toEqual(refused);
  expect(s3.names('bucket')).toEqual([]);
});

test('an object is stored once with If-None-Match, and read again', async () => {
  const once = { 'if-none-match': '*' };
  expect((await send('PUT', '/bucket/a/b.json', 'one', once)).status).toBe(200);
  expect((await send('PUT', '/bucket/a/b.json', 'two', once)).status).toBe(412);
  expect(await send('GET', '/bucket/a/b.json')).toEqual({ status: 200, text: 'one' });
  expect((await send('GET', '/bucket/none')).status).toBe(404);
});

test('a locked version stays until the end of its lock; a deletion without a version hides it', async () => {
  expect((await send('PUT', '/bucket/a', 'x', lock('x'))).status).toBe(200);
  expect(await send('DELETE', '/bucket/a?versionId=1')).toMatchObject({ status: 403 });
  expect((await send('DELETE', '/bucket/a')).status).toBe(204);
  expect((await send('GET', '/bucket/a')).status).toBe(404);
  expect((await send('DELETE', '/bucket/a?versionId=2')).status).toBe(204);
  expect((await send('GET', '/bucket/a')).text).toBe('x');
  now += DAY_MS + 1;
  expect((await send('DELETE', '/bucket/a?versionId=1')).status).toBe(204);
  expect((await send('GET', '/bucket/a')).status).toBe(404);
});

test('a lock needs a checksum that fits and a date in the future', async () => {
  const { 'x-amz-checksum-sha256': _checksum, ...without } = lock('x');
  expect((await send('PUT', '/bucket/a', 'x', without)).text).toContain('<Code>InvalidRequest</Code>');
  expect((await send('PUT', '/bucket/a', 'x', lock('y'))).text).toContain('<Code>BadDigest</Code>');
  expect((await send('PUT', '/bucket/a', 'x', lock('x', -1))).text).toContain('<Code>InvalidArgument</Code>');
});

test('a bucket is listed in pages, in the order of names, by a prefix', async () => {
  for (const name of ['b/2', 'b/1', 'b/3', 'c/1']) await send('PUT', `/bucket/${name}`, 'x');
  const keys = (text: string) => [...text.matchAll(/<Key>([^<]+)</g)].map(([, key]) => key);
  const first = (await send('GET', '/bucket/?list-type=2&prefix=b%2F&max-keys=2')).text;
  expect([keys(first), first.includes('<IsTruncated>true<')]).toEqual([['b/1', 'b/2'], true]);
  const second = (await send('GET', '/bucket/?list-type=2&prefix=b%2F&max-keys=2&continuation-token=b%2F2')).text;
  expect([keys(second), second.includes('<IsTruncated>false<')]).toEqual([['b/3'], true]);
});

test('a later server starts from the saved content', async () => {
  await send('PUT', '/bucket/a', 'x');
  const saved = s3.save();
  await s3.close();
  s3 = await startS3({ ...KEY, saved });
  expect((await send('GET', '/bucket/a')).text).toBe('x');
});

test('an operation that is not there is refused by name', async () => {
  expect(await send('POST', '/bucket/a')).toMatchObject({ status: 501, text: expect.stringContaining('POST') });
});
