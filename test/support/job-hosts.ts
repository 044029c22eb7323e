/**
 * The app on all hosts, with a database, a Redis and a QStash that no other suite uses. Deliveries wait until the test
 * chooses a host: a job enqueued on one host may run on another, as when a deployment moves.
 */
import { inject } from 'vitest';
import { testClock } from '../../dev/qstash/clock.ts';
import { startQstash } from '../../dev/qstash/server.ts';
import { openMigratedDatabase } from '../platform/db/database.ts';
import { APP_URL } from './app.ts';
import { type JobStep, stepsOf } from './faulty-fetch.ts';
import { type Host, type HostAnswer, type HostName, hostNames, startHosts } from './hosts.ts';
import { startRest } from './rest.ts';
import { createTenant, type OwnTenant, sql } from './tenant.ts';

const JOBS_URL = 'http://deliveries.test';

/** The result of a delivery on a host. */
export interface Delivered extends Pick<HostAnswer, 'status' | 'body'> {
  /** The host's requests to Redis during the delivery, each with its commands. */
  asked: JobStep[][];
}

/** Selects a job by its id or its name. */
export type Wanted = { id: string } | { name: string };

/** A held request of QStash. */
export interface HeldDelivery {
  id: string;
  name: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  /** Delivers the request to a host; QStash receives the answer. */
  to(host: HostName): Promise<Delivered>;
  /** Sends a copy of the request, with changes if given. QStash does not learn of it. */
  copyTo(
    host: HostName,
    change?: { path?: string; headers?: Record<string, string>; body?: string },
  ): Promise<Delivered>;
}

export interface JobHosts {
  hosts: Record<HostName, Host>;
  tenant: OwnTenant;
  /** QStash's signing keys. */
  keys: { current: string; next: string };
  /** The address of every delivery. */
  deliverTo: string;
  /** The next delivery of a job: one that is already held, or the one that arrives next. */
  delivery(wanted: Wanted): Promise<HeldDelivery>;
  /** Sends a statement to the database. */
  query(text: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Starts the hosts and their services. */
export async function openJobHosts(): Promise<JobHosts> {
  const cloud = inject('cloud');
  const keys = { current: cloud.qstash.currentSigningKey, next: cloud.qstash.nextSigningKey };
  const [database, redis] = await Promise.all([openMigratedDatabase(), startRest()]);
  const tenant = await createTenant(database.connectionString);

  const asked: JobStep[][] = [];
  redis.rest.intercept = ({ commands }) => {
    asked.push(stepsOf(JSON.stringify(commands.map((command) => command.map(String)))));
    return 'pass';
  };

  const arrived: HeldDelivery[] = [];
  const awaited: { wanted: Wanted; resolve: (delivery: HeldDelivery) => void }[] = [];
  const qstash = await startQstash({
    token: cloud.qstash.token,
    keys,
    clock: testClock(Date.now()),
    fetch: (url, init) => hold(new Request(url, init)),
  });
  const hosts = await startHosts({
    cloud: {
      ...cloud,
      redisRest: { url: redis.rest.url, token: redis.rest.token },
      postgres: { url: database.connectionString },
      qstash: { ...cloud.qstash, url: qstash.url },
    },
    // The same addresses on all hosts, and no commands that are added to a request now and then.
    variables: { APP_URL, JOBS_URL, COUNTERS_FLUSH_MS: '3600000' },
  });

  async function hold(request: Request): Promise<Response> {
    const body = await request.text();
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    request.signal.addEventListener('abort', () => reject(request.signal.reason));
    const sent = { path: new URL(request.url).pathname, headers: Object.fromEntries(request.headers), body };
    const send = async (host: HostName, given: typeof sent): Promise<Delivered & { response: Response }> => {
      const before = asked.length;
      const { status, body: answer, headers } = await hosts[host].deliver({ ...given, method: 'POST', key: null });
      const response = new Response(JSON.stringify(answer), { status, headers });
      return { status, body: answer, asked: asked.slice(before), response };
    };
    const { id, name } = JSON.parse(body) as { id: string; name: string };
    const delivery: HeldDelivery = {
      id,
      name,
      ...sent,
      async to(host) {
        const { response, ...delivered } = await send(host, sent);
        resolve(response);
        return delivered;
      },
      async copyTo(host, change = {}) {
        const { response: _, ...delivered } = await send(host, { ...sent, ...change });
        return delivered;
      },
    };
    const waiting = take(awaited, ({ wanted }) => isMeant(delivery, wanted));
    if (waiting) waiting.resolve(delivery);
    else arrived.push(delivery);
    return promise;
  }

  return {
    hosts,
    tenant,
    keys,
    deliverTo: JOBS_URL,
    delivery(wanted) {
      const delivery = take(arrived, (each) => isMeant(each, wanted));
      if (delivery) return Promise.resolve(delivery);
      const { promise, resolve } = Promise.withResolvers<HeldDelivery>();
      awaited.push({ wanted, resolve });
      return promise;
    },
    query: (text) => sql(database.connectionString, text),
    async close() {
      await Promise.all(hostNames.map((name) => hosts[name].close()));
      await qstash.close();
      await redis.close();
      await database.close();
    },
  };
}

function isMeant(delivery: HeldDelivery, wanted: Wanted): boolean {
  return 'id' in wanted ? delivery.id === wanted.id : delivery.name === wanted.name;
}

/** Removes the first match from a list and returns it. */
function take<Item>(list: Item[], fits: (item: Item) => boolean): Item | undefined {
  const index = list.findIndex(fits);
  return index < 0 ? undefined : list.splice(index, 1)[0];
}
