/**
 * A small S3: one account, buckets that exist when they are used, versions, and object lock. It checks the signature of
 * each request (AWS Signature Version 4). It answers PUT, GET and DELETE of objects and the list of a bucket
 * (`list-type=2`), and refuses the rest by name.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, startHttpServer } from '../http/server.ts';
import { Objects, type SavedObjects } from './objects.ts';
import { isSigned } from './signature.ts';
import { errorXml, listXml } from './xml.ts';

/** The running S3. */
export interface S3 {
  url: string;
  port: number;
  /** Returns the names of the objects of a bucket that a list shows. */
  names(bucket: string): string[];
  /** Returns the content. A later server can start from it. */
  save(): SavedObjects;
  close(): Promise<void>;
}

/** Options of {@link startS3}. */
export interface S3Options {
  port?: number;
  accessKeyId: string;
  secretAccessKey: string;
  now?: () => number;
  /** The result of {@link S3.save} of an earlier server. */
  saved?: SavedObjects;
}

/** An answer: the status, the body, and the code of an error. */
type Answer = { status: number; body?: string; type?: string; etag?: string };

const refusal = (status: number, code: string, message: string): Answer => ({
  status,
  body: errorXml(code, message),
  type: 'application/xml',
});

/**
 * Starts the server.
 * @throws the error of `listen`, e.g. with code `EADDRINUSE`
 */
export async function startS3(options: S3Options): Promise<S3> {
  const { now = Date.now, port = 0 } = options;
  const objects = new Objects(options.saved);

  async function answer(request: IncomingMessage): Promise<Answer> {
    const body = await readBody(request);
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    if (!(await isSigned(request, url, body, options))) {
      return refusal(403, 'SignatureDoesNotMatch', 'The signature of the request is missing or wrong');
    }
    const [, bucket = '', ...rest] = url.pathname.split('/');
    const name = decodeURIComponent(rest.join('/'));
    if (bucket === '') return refusal(501, 'NotImplemented', 'The local S3 has no list of buckets');
    if (name === '') return list(request, bucket, url.searchParams);
    switch (request.method) {
      case 'PUT':
        return put(request, bucket, name, body);
      case 'GET': {
        const text = objects.get(bucket, name);
        return text === undefined
          ? refusal(404, 'NoSuchKey', 'The object does not exist')
          : { status: 200, body: text };
      }
      case 'DELETE': {
        const version = url.searchParams.get('versionId');
        return objects.remove(bucket, name, version, now())
          ? { status: 204 }
          : refusal(403, 'AccessDenied', 'The version is locked');
      }
      default:
        return refusal(501, 'NotImplemented', `The local S3 has no ${request.method} of objects`);
    }
  }

  function list(request: IncomingMessage, bucket: string, search: URLSearchParams): Answer {
    if (request.method !== 'GET' || search.get('list-type') !== '2') {
      return refusal(501, 'NotImplemented', 'The local S3 has only the list of a bucket, with list-type=2');
    }
    const after = search.get('continuation-token') ?? search.get('start-after') ?? '';
    const prefix = search.get('prefix') ?? '';
    const most = Math.min(1_000, Number(search.get('max-keys') ?? 1_000));
    const names = objects.names(bucket).filter((name) => name.startsWith(prefix) && name > after);
    return { status: 200, body: listXml(bucket, names.slice(0, most), names.length > most), type: 'application/xml' };
  }

  function put({ headers }: IncomingMessage, bucket: string, name: string, body: Buffer): Answer {
    if (headers['if-none-match'] === '*' && objects.get(bucket, name) !== undefined) {
      return refusal(412, 'PreconditionFailed', 'The object exists');
    }
    const checksum = headers['x-amz-checksum-sha256'];
    if (checksum !== undefined && checksum !== createHash('sha256').update(body).digest('base64')) {
      return refusal(400, 'BadDigest', 'The checksum does not match the body');
    }
    const mode = headers['x-amz-object-lock-mode'];
    const until = Date.parse(String(headers['x-amz-object-lock-retain-until-date']));
    if (mode !== undefined && checksum === undefined && headers['content-md5'] === undefined) {
      return refusal(400, 'InvalidRequest', 'A locked object needs Content-MD5 or a checksum');
    }
    if (mode !== undefined && !(until > now())) {
      return refusal(400, 'InvalidArgument', 'The retain until date must be in the future');
    }
    objects.put(bucket, name, { text: body.toString(), lockedUntil: mode === undefined ? 0 : until });
    return { status: 200, etag: `"${createHash('md5').update(body).digest('hex')}"` };
  }

  const server = await startHttpServer(port, async (request: IncomingMessage, response: ServerResponse) => {
    const { status, body = '', type = 'application/json', etag } = await answer(request);
    response.writeHead(status, { 'content-type': type, ...(etag && { etag }) }).end(body);
  });
  return { ...server, names: (bucket) => objects.names(bucket), save: () => objects.save() };
}
