/** An HTTP server that speaks the protocol of `GET /feeds` as a test dictates. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request, and its answer. */
export interface FeedRequest {
  topics: string[];
  after: string | null;
  headers: IncomingHttpHeaders;
  /** Resolves when the browser has closed the connection. */
  readonly closed: Promise<void>;
  /** Begins the stream with `hello`. */
  hello(cursor: string, fields?: Record<string, unknown>): void;
  /** Sends a block. */
  block(cursor: string, event?: string, data?: unknown): void;
  raw(text: string): void;
  /** Ends the answer as announced. */
  end(): void;
  /** Breaks the connection. */
  cut(): void;
  answer(status: number, headers?: Record<string, string>): void;
}

/** Starts the server. */
export async function startFeedServer() {
  const arrived: FeedRequest[] = [];
  const waiting: ((request: FeedRequest) => void)[] = [];
  let count = 0;
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://feeds.test');
    if (pathname === '/probe') return void response.end();
    count += 1;
    const seen: FeedRequest = {
      topics: searchParams.get('topics')?.split(',') ?? [],
      after: searchParams.get('after'),
      headers: request.headers,
      closed: once(response, 'close').then(() => {}),
      ...answers(response),
    };
    const next = waiting.shift();
    if (next) next(seen);
    else arrived.push(seen);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/feeds`,
    /** The number of requests, also of those that tabs are about to send: other requests go there and back meanwhile. */
    async count() {
      for (let probe = 0; probe < 5; probe += 1) await (await fetch(`${origin}/probe`)).text();
      return count;
    },
    /** The next request, in the order of arrival. */
    next: (): Promise<FeedRequest> => {
      const seen = arrived.shift();
      return seen ? Promise.resolve(seen) : new Promise((resolve) => waiting.push(resolve));
    },
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answers(response: ServerResponse) {
  const raw = (text: string) => void response.write(text);
  const block = (cursor: string, event?: string, data?: unknown) => {
    raw(
      `id: ${cursor}\n${event ? `event: ${event}\n` : ''}${data === undefined ? '' : `data: ${JSON.stringify(data)}\n`}\n`,
    );
  };
  return {
    raw,
    block,
    hello(cursor: string, fields: Record<string, unknown> = {}) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      raw('retry: 1000\n\n');
      block(cursor, 'hello', { resumed: false, heartbeatMs: 20_000, mode: 'stream', ...fields });
    },
    end: () => void response.end(),
    cut: () => void response.destroy(),
    answer: (status: number, headers: Record<string, string> = {}) => void response.writeHead(status, headers).end(),
  };
}
