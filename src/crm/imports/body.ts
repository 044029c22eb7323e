/** The bytes of a request with a file: its charset, its content coding, and its pieces. */
import { createGunzip } from 'node:zlib';
import type { Context } from 'hono';
import { ProblemError } from '../../platform/http/index.ts';

const MIB = 1024 * 1024;
/** The largest request body, in bytes as they are sent. */
export const LARGEST_BODY = 5 * MIB;
/** The most bytes of a request body after gzip is undone. A small body could otherwise fill the memory. */
export const LARGEST_UNZIPPED = 20 * MIB;
/** The size of a piece, in bytes: a piece and its rows are in memory at once. */
export const PIECE_BYTES = 256 * 1024;

/** A body as it was sent. Its bytes can be read several times. */
export interface FileBody {
  sent: Uint8Array<ArrayBuffer>;
  isGzip: boolean;
  /** The charset of the content type. */
  charset: string | undefined;
}

/**
 * Reads the body of a request.
 * @throws {ProblemError} 415 for a content coding other than gzip.
 */
export async function readBody(c: Context): Promise<FileBody> {
  const coding = (c.req.header('content-encoding') ?? 'identity').trim().toLowerCase();
  if (coding !== 'identity' && coding !== 'gzip' && coding !== 'x-gzip') {
    const fields = [{ field: 'content-encoding', message: 'must be gzip, or be left out' }];
    const headers = { 'accept-encoding': 'gzip' };
    throw new ProblemError(415, 'UNSUPPORTED_CONTENT_ENCODING', 'The body must be plain or gzip', { fields, headers });
  }
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(c.req.header('content-type') ?? '')?.[1];
  return { sent: new Uint8Array(await c.req.arrayBuffer()), isGzip: coding !== 'identity', charset };
}

/**
 * Yields the bytes of a body without gzip, in pieces of the same size; only the last one is shorter. Few pieces are in
 * memory at once.
 * @throws {ProblemError} 400 for a body that is not gzip, 413 for a body that is too large without gzip.
 */
export async function* piecesOf({ sent, isGzip }: FileBody): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let piece = new Uint8Array(PIECE_BYTES);
  let filled = 0;
  for await (const bytes of isGzip ? unzipped(sent) : [sent]) {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + PIECE_BYTES - filled);
      piece.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < PIECE_BYTES) continue;
      yield piece;
      piece = new Uint8Array(PIECE_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.slice(0, filled);
}

/**
 * Yields the content of a gzip file, which may have several members (RFC 1952, section 2.2), as `cat one.gz two.gz` or
 * `pigz` make it. `DecompressionStream` reads only the first member on some platforms; `node:zlib` reads all of them on
 * Node and on workerd.
 */
async function* unzipped(sent: Uint8Array): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  let total = 0;
  try {
    gunzip.end(sent);
    const content: AsyncIterable<Uint8Array> = gunzip;
    for await (const bytes of content) {
      total += bytes.length;
      if (total > LARGEST_UNZIPPED) {
        const detail = `Without gzip the body may have at most ${LARGEST_UNZIPPED} bytes`;
        throw new ProblemError(413, 'BODY_TOO_LARGE', detail);
      }
      yield bytes;
    }
  } catch (error) {
    // Errors of zlib have a code such as `Z_DATA_ERROR`; an error of the reader of these bytes has not.
    throw isZlibError(error) ? notGzip() : error;
  } finally {
    gunzip.destroy();
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(?:Z_|ERR_)/.test(String(error.code));
}

function notGzip(): ProblemError {
  const message = 'must be whole gzip, as Content-Encoding says';
  return new ProblemError(400, 'MALFORMED_BODY', `The body ${message}`, { fields: [{ field: 'body', message }] });
}
