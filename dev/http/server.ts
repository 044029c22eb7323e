/**
 * The small HTTP server of the Redis REST, QStash and mail parts. It binds only the loopback address, because the
 * secrets of the local cloud are fixed strings. `close` cuts open connections instead of waiting for them.
 */
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';

/** The only address on which the local cloud listens. */
export const LOOPBACK = '127.0.0.1';

/** A listening server. */
export interface HttpServer {
  url: string;
  port: number;
  close(): Promise<void>;
}

/** The error for a request body that exceeds the server's limit. */
export class BodyTooLargeError extends Error {
  readonly code = 'body_too_large';
}

/**
 * Starts a server for one handler. An error that the handler does not catch becomes a 500 with `{ error }`.
 *
 * @param port 0 for any free port
 * @throws the error of `listen`, e.g. with code `EADDRINUSE`
 */
export async function startHttpServer(
  port: number,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<HttpServer> {
  // If a client sends a request on an idle connection while the server closes it, the request fails. A long keep-alive
  // makes this rare.
  const server = createServer({ noDelay: true, keepAliveTimeout: 75_000 }, (request, response) => {
    handle(request, response).catch((error: unknown) => answerFailure(response, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    port: bound,
    url: `http://${LOOPBACK}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Reads a request body of at most `limitBytes` (default 16 MiB). */
export function readBody(request: IncomingMessage, limitBytes = 16 * 1024 * 1024): Promise<Buffer> {
  // An async iteration over the request would cost several turns and more CPU than all the rest of a small request.
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limitBytes) reject(new BodyTooLargeError(`the body is larger than ${limitBytes} bytes`));
      else chunks.push(chunk);
    });
    request.on('end', () => {
      const [only] = chunks;
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks));
    });
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new Error('the request was cut off'));
    });
  });
}

/** Sends a response with JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length, ...headers });
  response.end(body);
}

function answerFailure(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const status = error instanceof BodyTooLargeError ? 413 : 500;
  sendJson(response, status, { error: error instanceof Error ? error.message : String(error) });
}

/** Returns true if a browser requests the first page of a server. */
export function asksForFirstPage({ method, url, headers }: IncomingMessage): boolean {
  return method === 'GET' && url === '/' && (headers.accept ?? '').includes('text/html');
}

/** Sends a response with an HTML page. */
export function sendPage(response: ServerResponse, page: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(page);
}
