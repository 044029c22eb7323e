/**
 * A QStash for tests of jobs, in the process of the test: without a server and without waiting. The test queue replaces
 * `fetch` and the clock of a platform, and keeps published messages. When the test asks for a delivery, the queue signs
 * the messages and sends them to the app. Redis and Postgres are those of the local cloud, so tests run the same code
 * as production.
 */
import { createHash } from 'node:crypto';
import { SignJWT } from 'jose';
import type { z } from 'zod';
import type { System } from '../system.ts';
import { admitOne } from './admit.ts';
import type { Answer } from './answer.ts';
import { type EnqueueOptions, messageFor } from './enqueue.ts';
import { execute } from './execute.ts';
import type { Job, JobMiddleware } from './job.ts';
import { type Message, messageSchema } from './message.ts';
import { unpack } from './payload.ts';
import { createJobs, jobServices } from './registry.ts';
import type { JobScope } from './scope.ts';

/** The options of a test queue. `environment` is the part of the app's environment that the queue needs. */
export interface TestQueueOptions {
  environment: { QSTASH_URL: string; QSTASH_CURRENT_SIGNING_KEY: string };
  /** The fetch for requests to other hosts. Default: the global fetch. */
  fetch?: typeof fetch;
  /** The clock of the queue before any `advance`, in ms since the epoch. Default: the real clock. */
  now?: () => number;
}

/** A delivery, and the status of the app's response. */
export interface TestDelivery {
  name: string;
  id: string;
  status: number;
}

/** A QStash in the process; see the comment at the top of this file. */
export interface TestQueue {
  /** Pass this `fetch` to `createPlatform`. */
  fetch: typeof fetch;
  /**
   * Pass this clock to `createPlatform`, as `system`. The clock follows the real clock, and {@link TestQueue.advance}
   * moves it forward.
   */
  system: Pick<System, 'now' | 'redisAhead'>;
  /** Returns the inputs of a job's messages that are published and not yet delivered. */
  enqueued<Schema extends z.ZodType>(job: Job<Schema>): Promise<z.input<Schema>[]>;
  /** Delivers all due messages, including messages that the deliveries publish. */
  drain(app: TestTarget): Promise<TestDelivery[]>;
  /** Moves the clock forward by `ms`, and delivers the messages that become due. */
  advance(app: TestTarget, ms: number): Promise<TestDelivery[]>;
}

/** The app that receives deliveries, such as a Hono app. */
export interface TestTarget {
  request(path: string, init: RequestInit): Response | Promise<Response>;
}

interface Waiting {
  url: string;
  body: string;
  message: Message;
  due: number;
}

/** Creates an empty test queue. */
export function createTestQueue({
  environment,
  fetch: pass = fetch,
  now: start = Date.now,
}: TestQueueOptions): TestQueue {
  const { QSTASH_URL, QSTASH_CURRENT_SIGNING_KEY } = environment;
  const key = new TextEncoder().encode(QSTASH_CURRENT_SIGNING_KEY);
  const waiting: Waiting[] = [];
  const seen = new Set<string>();
  let ahead = 0;
  let delivered = 0;
  const now = () => start() + ahead;

  function take(item: { destination: string; headers: Record<string, string>; body: string }) {
    const duplicate = item.headers['upstash-deduplication-id'] ?? '';
    if (!seen.has(duplicate)) {
      seen.add(duplicate);
      const delay = Number.parseInt(item.headers['upstash-delay'] ?? '0', 10) * 1000;
      const message = messageSchema.parse(JSON.parse(item.body));
      waiting.push({ url: item.destination, body: item.body, message, due: now() + delay });
    }
    return { messageId: `msg_${duplicate}` };
  }

  async function deliver(app: TestTarget, each: Waiting): Promise<TestDelivery> {
    delivered += 1;
    const signature = await new SignJWT({ body: createHash('sha256').update(each.body).digest('base64url') })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer('Upstash')
      .setSubject(each.url)
      .setIssuedAt(Math.floor(now() / 1000))
      .setJti(`jwt_${delivered}`)
      .setExpirationTime(Math.floor(now() / 1000) + 300)
      .sign(key);
    const response = await app.request(new URL(each.url).pathname, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'upstash-signature': signature },
      body: each.body,
    });
    const retryAfter = response.headers.get('retry-after');
    if (!response.ok && retryAfter) waiting.push({ ...each, due: now() + Number(retryAfter) * 1000 });
    return { name: each.message.name, id: each.message.id, status: response.status };
  }

  /** Delivers the messages that are due at `until` or earlier, in the order of their due times. */
  async function deliverUntil(app: TestTarget, until: number): Promise<TestDelivery[]> {
    const delivered: TestDelivery[] = [];
    for (;;) {
      waiting.sort((one, two) => one.due - two.due);
      const [next] = waiting;
      if (!next || next.due > Math.max(until, now())) return delivered;
      waiting.shift();
      ahead += Math.max(0, next.due - now());
      delivered.push(await deliver(app, next));
    }
  }

  return {
    system: { now, redisAhead: () => ahead },
    async fetch(input, init) {
      if (!String(input).startsWith(`${QSTASH_URL}/v2/batch`)) return pass(input, init);
      return Response.json((JSON.parse(String(init?.body)) as Parameters<typeof take>[0][]).map(take));
    },
    async enqueued(job) {
      const own = waiting.filter(({ message }) => message.name === job.name);
      const inputs = own.map(({ message: { tenant, name, id, input } }) =>
        unpack(input, { tenant, name, id, what: 'input' }, undefined),
      );
      return (await Promise.all(inputs)) as z.input<typeof job.input>[];
    },
    drain: (app) => deliverUntil(app, now()),
    async advance(app, ms) {
      const until = now() + ms;
      const delivered = await deliverUntil(app, until);
      ahead += Math.max(0, until - now());
      return delivered;
    },
  };
}

/**
 * Runs a job once without a delivery, but with its record, the claim, the time limit and the finish. `readJob` reads
 * the record afterwards.
 * @param options `middleware`: the middleware of the app's registry, if the run must pass through it.
 */
export async function runJob<Schema extends z.ZodType>(
  scope: JobScope,
  tenant: string,
  job: Job<Schema>,
  input: z.input<Schema>,
  {
    middleware = [],
    ...options
  }: Pick<EnqueueOptions, 'id' | 'priority'> & { middleware?: readonly JobMiddleware[] } = {},
): Promise<{ id: string; answer: Answer }> {
  const services = jobServices(scope);
  const message = await messageFor({ tenant, system: scope.system, sealer: scope.sealer }, job, input, options);
  await admitOne(services, message);
  const answer = await execute({ scope, services, registry: createJobs([job], { middleware }), message });
  return { id: message.id, answer };
}
