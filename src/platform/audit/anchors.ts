/**
 * Seals that are kept outside the database: objects of a bucket with object lock, by the protocol of S3. A locked object
 * cannot be changed or removed before its time, so a trail that was cut or made again differs from its kept seals.
 */
import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import { z } from 'zod';
import { CodedError } from '../coded-error.ts';
import type { System } from '../system.ts';
import type { Seal } from './seal-form.ts';

/** The settings of the bucket; see `app/env.ts`. */
export interface AnchorSettings {
  /** The address of the bucket, and a prefix of the names: `https://bucket.s3.eu-central-1.amazonaws.com/holdfast`. */
  readonly AUDIT_ANCHOR_URL?: string | undefined;
  /** The access key, `id:secret`. It needs the rights to put, read and list objects, and no right to delete. */
  readonly AUDIT_ANCHOR_KEY?: string | undefined;
  /** How long an object is locked, in days. */
  readonly AUDIT_ANCHOR_DAYS: number;
}

/** The kept seals. */
export interface Anchors {
  /**
   * Stores a seal under its number. The number never gets another seal. 1 request; 2 if the number is taken.
   * @throws {AnchorError} `ANCHOR_DIFFERS` if another seal is kept under the number; `ANCHOR_REFUSED` if the store refuses.
   */
  keep(seal: Seal): Promise<void>;
  /**
   * Returns the kept seal with the greatest number; `null` if none is kept. 2 requests, and 1 more for each 1,000 kept
   * seals.
   * @throws {AnchorError} `ANCHOR_REFUSED`
   */
  newest(tenantId: string): Promise<Pick<Seal, 'seal' | 'hash'> | null>;
}

/** A seal could not be kept or read. */
export class AnchorError extends CodedError<'ANCHOR_DIFFERS' | 'ANCHOR_REFUSED'> {
  override readonly name = 'AnchorError';
}

const keptSchema = z.object({ seal: z.int(), hash: z.string() });
const DAY_MS = 86_400_000;
/** Numbers are padded, so that the order of the names is that of the numbers. */
const DIGITS = 10;
const TIMEOUT_MS = 10_000;

/**
 * Opens the store of the settings; `null` without a bucket.
 * @throws {TypeError} if only one of the address and the key is set.
 */
export function openAnchors(
  settings: AnchorSettings,
  { fetch: send, system }: { fetch: typeof fetch; system: System },
): Anchors | null {
  const { AUDIT_ANCHOR_URL: url, AUDIT_ANCHOR_KEY: key, AUDIT_ANCHOR_DAYS: days } = settings;
  if (url === undefined && key === undefined) return null;
  if (url === undefined || key === undefined)
    throw new TypeError('AUDIT_ANCHOR_URL and AUDIT_ANCHOR_KEY need each other');
  const bucket = new URL(url);
  // A bucket in the path, as on R2 and in the local cloud, is followed by the prefix; else the whole path is the prefix.
  const [inPath, ...path] = bucket.pathname.split('/').filter(Boolean);
  const isInHost = bucket.hostname.includes('.s3.') || bucket.hostname.includes('.s3-');
  const root = isInHost ? bucket.origin : `${bucket.origin}/${inPath ?? ''}`;
  const prefix = (isInHost ? [inPath, ...path] : path)
    .filter(Boolean)
    .map((part) => `${part}/`)
    .join('');
  const at = key.indexOf(':');
  const [accessKeyId, secretAccessKey] = [key.slice(0, at), key.slice(at + 1)];

  async function request(method: 'GET' | 'PUT', address: string, headers: Record<string, string> = {}, body = '') {
    const digest = createHash('sha256').update(body);
    const signer = new AwsV4Signer({
      ...{ method, url: address, accessKeyId, secretAccessKey, service: 's3', body },
      headers: { ...headers, 'x-amz-content-sha256': digest.copy().digest('hex') },
      datetime: new Date(system.now()).toISOString().replace(/[:-]|\.\d{3}/g, ''),
    });
    const signed = await signer.sign();
    const controller = new AbortController();
    const stop = system.timer(TIMEOUT_MS, () => controller.abort());
    try {
      const init = { method, headers: signed.headers, signal: controller.signal };
      const response = await send(signed.url, method === 'PUT' ? { ...init, body } : init);
      return { status: response.status, text: await response.text() };
    } finally {
      stop();
    }
  }

  async function get(address: string): Promise<string> {
    const { status, text } = await request('GET', address);
    if (status !== 200) throw refused(status);
    return text;
  }

  const nameOf = (tenantId: string, seal: number) => `${prefix}${tenantId}/${String(seal).padStart(DIGITS, '0')}.json`;

  return {
    async keep(seal) {
      const address = `${root}/${nameOf(seal.tenantId, seal.seal)}`;
      const body = JSON.stringify(seal);
      const headers = {
        'if-none-match': '*',
        'x-amz-checksum-sha256': createHash('sha256').update(body).digest('base64'),
        'x-amz-object-lock-mode': 'COMPLIANCE',
        'x-amz-object-lock-retain-until-date': new Date(system.now() + days * DAY_MS).toISOString(),
      };
      const { status } = await request('PUT', address, headers, body);
      if (status === 200) return;
      if (status !== 412) throw refused(status);
      if (keptOf(await get(address)).hash !== seal.hash) {
        throw new AnchorError('ANCHOR_DIFFERS', `Another seal is kept under the number ${seal.seal}`);
      }
    },

    async newest(tenantId) {
      const search = new URLSearchParams({ 'list-type': '2', prefix: `${prefix}${tenantId}/` });
      let last: string | undefined;
      for (;;) {
        const page = await get(`${root}/?${search}`);
        last = [...page.matchAll(/<Key>([^<]+)<\/Key>/g)].at(-1)?.[1] ?? last;
        const token = /<NextContinuationToken>([^<]+)</.exec(page)?.[1];
        if (token === undefined) break;
        search.set('continuation-token', token);
      }
      return last === undefined ? null : keptOf(await get(`${root}/${last}`));
    },
  };
}

function refused(status: number): AnchorError {
  return new AnchorError('ANCHOR_REFUSED', `The store of kept seals answered with ${status}`);
}

function keptOf(text: string): z.infer<typeof keptSchema> {
  const parsed = keptSchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw new AnchorError('ANCHOR_DIFFERS', 'A kept object is no seal');
  return parsed.data;
}
