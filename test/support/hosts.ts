/**
 * The app as each platform runs it, behind one face: the Worker's bundle in workerd, the Lambda's bundle behind API
 * Gateway's events, and the source in Node. All share one local cloud, so a write on one is read on another.
 */
import { inject } from 'vitest';
import { demoKeys } from '../../prisma/demo.ts';
import { costOf, createTestApp } from './app.ts';
import { startTestLambda } from './lambda.ts';
import type { AppCloud } from './local-cloud.ts';
import { startTestWorker } from './worker.ts';

export const hostNames = ['worker', 'lambda', 'node'] as const;
export type HostName = (typeof hostNames)[number];

/** A request of the shared list. Sent as acme's demo user unless `key` says otherwise. */
export interface HostRequest {
  path: string;
  method?: string;
  key?: string | null;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is, with `headers`. */
  body?: string;
  headers?: Record<string, string>;
}

/** What matters of an answer. */
export interface HostAnswer {
  status: number;
  contentType: string | null;
  cache: string | null;
  /** In the form of `COST_OF_A_HIT`. */
  cost: Record<string, string>;
  headers: Headers;
  /** JSON parsed, anything else as text. */
  body: unknown;
}

/** One place where the app runs. */
export interface Host {
  send(request: HostRequest): Promise<HostAnswer>;
  /** Sends it where QStash delivers: on AWS a function of its own. */
  deliver(request: HostRequest): Promise<HostAnswer>;
  /** A tick for that minute, in ms since the epoch. */
  scheduled(at: number): Promise<void>;
  /** What it has logged, a line each. */
  readonly lines: readonly string[];
  close(): Promise<void>;
}

type Fetch = (path: string, init: RequestInit) => Promise<Response>;

/** Where the app runs on, if not on the local cloud of the run. */
export interface HostsOptions {
  cloud?: AppCloud;
  /** Overrides of the environment, the same in all places. */
  variables?: Record<string, string>;
}

/** Starts the app in all three places. */
export async function startHosts({
  cloud = inject('cloud'),
  variables = {},
}: HostsOptions = {}): Promise<Record<HostName, Host>> {
  const app = createTestApp({ cloud, environment: variables });
  const [worker, lambda] = await Promise.all([
    startTestWorker(cloud, variables),
    startTestLambda(cloud, { variables }),
  ]);
  const toWorker = sender(worker.fetch);
  const toNode = sender(async (path, init) => app.app.request(path, init));
  return {
    worker: {
      send: toWorker,
      deliver: toWorker,
      scheduled: worker.scheduled,
      lines: worker.lines,
      close: worker.close,
    },
    lambda: {
      send: sender(lambda.fetch),
      deliver: sender(lambda.deliver),
      scheduled: lambda.scheduled,
      lines: lambda.lines,
      close: lambda.close,
    },
    node: {
      send: toNode,
      deliver: toNode,
      async scheduled(at) {
        await app.platform.scheduled(at);
      },
      lines: app.lines,
      close: app.close,
    },
  };
}

/** Every ordered pair of different hosts. */
export const hostPairs = hostNames.flatMap((writer) =>
  hostNames.filter((reader) => reader !== writer).map((reader) => [writer, reader] as const),
);

function sender(fetch: Fetch): Host['send'] {
  return async ({ path, method = 'GET', key = demoKeys.acme, json, body, headers = {} }) => {
    const sent = json === undefined ? body : JSON.stringify(json);
    const response = await fetch(path, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(sent === undefined ? {} : { body: sent }),
    });
    const text = await response.text();
    const contentType = response.headers.get('content-type');
    return {
      status: response.status,
      contentType,
      cache: response.headers.get('x-cache'),
      cost: costOf(response),
      headers: response.headers,
      body: /json/.test(contentType ?? '') ? JSON.parse(text) : text,
    };
  };
}
