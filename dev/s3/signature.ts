/** The check of a signature: the same request is signed again, with the secret that the server knows. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AwsV4Signer } from 'aws4fetch';

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([\w-]+)\/s3\/aws4_request, SignedHeaders=([\w;-]+), Signature=[0-9a-f]{64}$/;

/** Returns whether the request has the signature of this account, over all of its content. */
export async function isSigned(
  { method = 'GET', headers }: IncomingMessage,
  url: URL,
  body: Buffer,
  { accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string },
): Promise<boolean> {
  const given = headers.authorization ?? '';
  const [, id, region = '', names = ''] = AUTHORIZATION.exec(given) ?? [];
  if (id !== accessKeyId) return false;
  const digest = headers['x-amz-content-sha256'];
  if (digest !== createHash('sha256').update(body).digest('hex')) return false;
  const signed = names.split(';').filter((name) => name !== 'host');
  const signer = new AwsV4Signer({
    ...{ method, url: url.href, accessKeyId, secretAccessKey, region, service: 's3', allHeaders: true },
    headers: signed.map((name): [string, string] => [name, String(headers[name])]),
    datetime: String(headers['x-amz-date']),
  });
  const { headers: again } = await signer.sign();
  const expected = Buffer.from(again.get('authorization') ?? '');
  return expected.length === given.length && timingSafeEqual(expected, Buffer.from(given));
}
