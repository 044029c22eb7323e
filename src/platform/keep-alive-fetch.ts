/**
 * A small `fetch` for Node, built on Node's own HTTP client. It has only the features that requests to Redis over HTTP
 * need. It uses a third of the CPU of the built-in `fetch`, which takes half of the CPU of a cache hit. Workers have a
 * native `fetch` and no sockets to keep, so this file must not get into their bundle.
 *
 * No request is sent twice. If a kept connection breaks before the answer, the server may or may not have executed the
 * request (RFC 9110 §9.2.2), so the request fails. Only a caller that knows the meaning of a request may repeat the
 * request: the transport repeats reads, but not writes. Such failures are rare, because this file closes idle
 * connections before the server does.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { joinPipelines } from './joined-fetch.ts';

/** Settings of {@link createNodeFetch}. */
export interface NodeFetchOptions {
  /**
   * How long an idle connection is kept, in ms. If the server announces a shorter time (`Keep-Alive: timeout=`), the
   * shorter time applies. Default 4000, as in undici: servers close idle connections after 5 s or more.
   */
  idleMs?: number;
  /**
   * Returns the wall-clock time in ms. A Lambda that was frozen has idle connections whose timers did not run; this
   * clock shows how long they were idle.
   */
  now?(): number;
  /** Resolves names of hosts. Default: the lookup of Node. A literal address is not looked up. */
  lookup?: LookupFunction;
}

/** A request. */
export interface NodeFetchRequest {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  signal?: AbortSignal;
  /** The number of commands in a pipeline of Redis, which {@link createRedisFetch} may join with others. */
  commands?: number;
}

/** The headers of an answer, by lower-case name. */
export interface AnswerHeaders extends Iterable<[name: string, value: string]> {
  get(name: string): string | null;
}

/** A complete answer. The body is not streamed. */
export interface NodeFetchAnswer {
  status: number;
  /** `true` if the status is 2xx. Redirects are not followed. */
  ok: boolean;
  headers: AnswerHeaders;
  text(): Promise<string>;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * Sends a request, and resolves when the whole answer has arrived. Rejects with the signal's reason if the signal
 * aborts, and with Node's own error if the connection fails or breaks off.
 */
export type NodeFetch = (url: string, request?: NodeFetchRequest) => Promise<NodeFetchAnswer>;

/**
 * Creates a `fetch` with its own connections, one connection for each concurrent request. Idle connections do not
 * keep the process alive. Create only one `fetch` for the whole process.
 */
export function createNodeFetch({ idleMs = 4_000, now = Date.now, lookup }: NodeFetchOptions = {}): NodeFetch {
  const options = { keepAlive: true, timeout: idleMs, ...(lookup && { lookup }) };
  const http = new HttpAgent(options);
  const https = new HttpsAgent(options);
  let lastAnswerAt = 0;

  function dropIdleConnections(): void {
    for (const { freeSockets } of [http, https]) {
      for (const socket of Object.values(freeSockets).flat()) socket?.destroy();
    }
  }

  return (url, { method = 'GET', headers = {}, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (now() - lastAnswerAt >= idleMs) dropIdleConnections();
      const secure = url.startsWith('https:');
      // Node states the length only for methods that usually have a body, such as POST.
      const sent = body === undefined ? headers : { 'content-length': Buffer.byteLength(body), ...headers };
      const request = secure
        ? httpsRequest(url, { method, headers: sent, agent: https })
        : httpRequest(url, { method, headers: sent, agent: http });

      const abort = (): void => fail(signal?.reason);
      signal?.addEventListener('abort', abort);
      const fail = (error: unknown): void => {
        signal?.removeEventListener('abort', abort);
        reject(error);
        request.destroy();
        // The other idle connections may be broken for the same reason, and a repeated read should not use them.
        if (request.reusedSocket) dropIdleConnections();
      };
      request.on('error', fail);
      request.on('response', (response) => {
        response.on('error', fail);
        collect(response, (bytes) => {
          signal?.removeEventListener('abort', abort);
          lastAnswerAt = now();
          resolve(answerOf(response, bytes));
        });
      });
      request.end(body);
    });
}

/**
 * Creates a `fetch` for requests to Redis: {@link createNodeFetch}, which also joins the pipelines that concurrent
 * requests of this process send in one turn of the event loop; see `joined-fetch.ts`.
 */
export function createRedisFetch(options: NodeFetchOptions = {}): NodeFetch {
  return joinPipelines(createNodeFetch(options));
}

/** Calls `done` with the complete body. The chunks are joined first, because two chunks may share a character. */
function collect(response: IncomingMessage, done: (bytes: Buffer) => void): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('end', () => {
    const [only] = chunks;
    done(chunks.length === 1 && only ? only : Buffer.concat(chunks));
  });
}

function answerOf({ statusCode: status = 0, headers }: IncomingMessage, bytes: Buffer): NodeFetchAnswer {
  const textOf = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join(', ') : value);
  return {
    status,
    ok: status >= 200 && status < 300,
    headers: {
      get: (name) => textOf(headers[name.toLowerCase()]) ?? null,
      *[Symbol.iterator]() {
        for (const [name, value] of Object.entries(headers))
          yield [name, textOf(value) ?? ''] as const as [string, string];
      },
    },
    text: async () => bytes.toString(),
    arrayBuffer: async () => new Uint8Array(bytes).buffer,
  };
}
