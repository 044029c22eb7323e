/**
 * The app as each platform runs it, behind one interface: the Worker's bundle in workerd, the Lambda's bundle with API
 * Gateway events, and the source in Node. All share one local cloud, so a write on one host is read on another.
 */
import { inject } from 'vitest';
import { demoKeys } from '../../prisma/demo.ts';
import { costOf, createTestApp } from './app.ts';
import { startTestLambda } from './lambda.ts';
import type { AppCloud } from './local-cloud.ts';
import { startTestWorker } from './worker.ts';

export const hostNames = ['worker', 'lambda', 'node'] as const;
export type HostName = (typeof hostNames)[number];

/** A request of the shared list. Sent with acme's demo key, or with `key`. */
export interface HostRequest {
  path: string;
  method?: string;
  key?: string | null;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent unchanged, with `headers`. */
  body?: string;
  headers?: Record<string, string>;
}

/** The parts of an answer that tests compare. */
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
  /** Sends a request to the endpoint of QStash's deliveries: on AWS a function of its own. */
  deliver(request: HostRequest): Promise<HostAnswer>;
  /** Runs the scheduled function for the minute of this time, in ms since the epoch. */
  scheduled(at: number): Promise<void>;
  /** The lines of its log so far. */
  readonly lines: readonly string[];
  close(): Promise<void>;
}

type Fetch = (path: string, init: RequestInit) => Promise<Response>;

/** The cloud of the app, if not the local cloud of the run. */
export interface HostsOptions {
  cloud?: AppCloud;
  /** Overrides of the environment, the same on all hosts. */
  variables?: Record<string, string>;
}

/** Starts the app on all three hosts. */
export async function startHosts({
  cloud = inject('cloud'),
  variables: given = {},
}: HostsOptions = {}): Promise<Record<HostName, Host>> {
  // Costs are exact, and a flush of counters would add a command now and then.
  const variables = { COUNTERS_FLUSH_MS: '86400000', ...given };
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
