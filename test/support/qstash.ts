/**
 * A QStash emulator on a clock that only the test moves, the unmodified SDK as its client, and an endpoint that records
 * deliveries and answers as the test wants.
 */
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, Receiver } from '@upstash/qstash';
import { beforeEach, expect } from 'vitest';
import { readBody } from '../../dev/http/server.ts';
import { testClock } from '../../dev/qstash/clock.ts';
import { type Qstash, type QstashOptions, startQstash } from '../../dev/qstash/server.ts';

export const KEYS = { current: 'sig_current', next: 'sig_next' };
export const TOKEN = 'qstash-token';
export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

/** A request at the endpoint. */
export interface Delivered {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export type Answer = { status: number; headers?: Record<string, string>; body?: string };

/** The parts, renewed before each test. */
export interface QstashBench {
  qstash: Qstash;
  client: Client;
  receiver: Receiver;
  /** The address of the endpoint; all paths below it are valid. */
  url: string;
  delivered: Delivered[];
  /** The answers to the next requests, in order of arrival; then 200. */
  answers: Answer[];
  /** Answers by path, for the whole test; these take precedence over `answers`. */
  answerTo: Record<string, Answer>;
  /** Holds arriving requests until the returned function is called. */
  hold(): () => void;
  /** Resolves when this number of requests has arrived. */
  arrived(count: number): Promise<void>;
  /** The paths of the deliveries. */
  paths(): string[];
  last(): Delivered;
  /** A request to the emulator, with the token. */
  api(path: string, init?: RequestInit): Promise<Response>;
}

/** Starts an endpoint and an emulator for each test. */
export function useQstash(options: Partial<QstashOptions> | (() => Partial<QstashOptions>) = {}): QstashBench {
  let held: (() => void)[] | undefined;
  let waiting: { count: number; resolve: () => void }[] = [];

  const bench: Pick<QstashBench, 'hold' | 'arrived' | 'paths' | 'last' | 'api'> & Partial<QstashBench> = {
    hold() {
      held = [];
      return () => {
        const answers = held ?? [];
        held = undefined;
        for (const answer of answers) answer();
      };
    },
    arrived(count) {
      if ((bench.delivered?.length ?? 0) >= count) return Promise.resolve();
      return new Promise((resolve) => {
        waiting.push({ count, resolve });
      });
    },
    paths: () => (bench.delivered ?? []).map(({ path }) => path),
    last: () => bench.delivered?.at(-1) ?? expect.fail('nothing was delivered'),
    api: (path, init = {}) =>
      fetch(`${bench.qstash?.url}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${TOKEN}`, ...(init.headers as Record<string, string>) },
      }),
  };
  // All other parts exist before the first test runs.
  const ready = bench as QstashBench;

  function arrive(delivered: Delivered, response: ServerResponse): void {
    ready.delivered.push(delivered);
    const { status, headers, body } = ready.answerTo[delivered.path] ?? ready.answers.shift() ?? { status: 200 };
    const answer = () => response.writeHead(status, headers).end(body);
    if (held === undefined) answer();
    else held.push(answer);
    waiting = waiting.filter(({ count, resolve }) => {
      if (ready.delivered.length < count) return true;
      resolve();
      return false;
    });
  }

  /** An endpoint of one test. A delivery that an earlier test did not wait for finds it closed. */
  async function listen(): Promise<Server> {
    const endpoint = createServer(async (request, response) => {
      const body = (await readBody(request)).toString();
      arrive({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body }, response);
    });
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  beforeEach(async () => {
    let id = 0;
    held = undefined;
    const endpoint = await listen();
    const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`;
    Object.assign(ready, { url, delivered: [], answers: [], answerTo: {} });
    ready.qstash = await startQstash({
      token: TOKEN,
      keys: KEYS,
      clock: testClock(Date.now()),
      ids: () => `id${++id}`,
      ...(typeof options === 'function' ? options() : options),
    });
    ready.client = new Client({ baseUrl: ready.qstash.url, token: TOKEN, retry: false, enableTelemetry: false });
    ready.receiver = new Receiver({ currentSigningKey: KEYS.current, nextSigningKey: KEYS.next });
    return async () => {
      await ready.qstash.close();
      endpoint.closeAllConnections();
      await new Promise((resolve) => endpoint.close(resolve));
    };
  });
  return ready;
}
