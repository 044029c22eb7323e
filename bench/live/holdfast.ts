/** Live updates of Holdfast: the app over HTTP, with the session of a browser, and changes of deals by `commit`. */
import { appVariables } from '../../dev/cloud/app-environment.ts';
import '../../dev/build/jsx.ts';
import { readEnvironment } from '../../src/app/env.ts';
import { createPlatform } from '../../src/app/platform.ts';
import { updateDeal } from '../../src/crm/deals/writes.ts';
import { dealsFeed } from '../../src/crm/feeds.ts';
import { openDatabasePool } from '../../src/platform/db/index.ts';
import { publishNow } from '../../src/platform/feeds/index.ts';
import { createNodeFetch } from '../../src/platform/keep-alive-fetch.ts';
import { SESSION_COOKIE } from '../../src/platform/sessions/index.ts';
import { demoTenant } from '../api/world.ts';
import type { CloudAddresses } from '../servers/cloud.ts';
import type { RestProcess } from '../servers/rest.ts';
import { counted, each } from './counted.ts';
import { type LiveApp, type LiveCosts, READERS } from './measurement.ts';
import { openReaders, serve } from './readers.ts';

const { createApp } = await import('../../src/app/app.ts');

/** A connection lives 240 to 300 s. In the mean it checks 4 times after the check at its begin, one each 60 s. */
const LIFE_MINUTES = 4.5;
const LATER_CHECKS = 4;

/** The servers that the measurements need. */
export interface LiveServers {
  cloud: CloudAddresses;
  rest: RestProcess;
  /** A user of the demo tenant. */
  userId: string;
}

/** Opens the app with readers of the feed `deals`. */
export async function openHoldfast(servers: LiveServers): Promise<LiveApp> {
  const app = await openApp(servers);
  const readers = await app.openReaders();
  return {
    async change(deal) {
      const { result, arrived } = await readers.untilAllGet(`"id":"${deal}"`, async () => {
        const scope = app.platform.scope();
        await updateDeal(scope.tenant(demoTenant), deal, { title: `Changed at ${performance.now()}` });
        const committed = performance.now();
        await scope.end();
        return committed;
      });
      return { committed: result, arrived };
    },
    async close() {
      readers.close();
      await app.close();
    },
  };
}

/** Counts the costs. */
export async function costsOfHoldfast(servers: LiveServers): Promise<LiveCosts> {
  const calm = await openApp(servers);
  // Redis gets the scripts.
  await calm.visit();
  const connection = each(await counted(servers.rest, calm.visit), READERS);
  const publish = await counted(servers.rest, async () => {
    const scope = calm.platform.scope();
    const event = { type: 'deal.updated', id: 'deal_bench', actorId: null, at: 0 };
    await publishNow({ redis: scope.redis, system: scope.system, tenant: demoTenant }, dealsFeed, event);
    await scope.end();
  });
  await calm.close();

  // This app checks its connections in quick succession. The cost that the checks add, divided by their number, is the
  // cost of one check.
  const busy = await openApp(servers, { FEEDS_CHECK_MS: '100' });
  const withChecks = await counted(servers.rest, () => busy.visit(1_000));
  const later = busy.checks() - READERS;
  await busy.close();
  const added = {
    requests: withChecks.requests - connection.requests * READERS,
    commands: withChecks.commands - connection.commands * READERS,
  };
  const check = each(added, later);
  return {
    publish,
    connection,
    commandsPerMinute: (connection.commands + LATER_CHECKS * check.commands) / LIFE_MINUTES,
    messagesPerMinute: 0,
  };
}

async function openApp({ cloud, rest, userId }: LiveServers, variables: Record<string, string> = {}) {
  const environment = readEnvironment({
    ...appVariables(cloud, 'http://app.test'),
    UPSTASH_REDIS_REST_URL: rest.url,
    UPSTASH_REDIS_REST_TOKEN: rest.token,
    API_RATE_PER_CALLER: '100000000',
    API_RATE_PER_ADDRESS: '100000000',
    DATABASE_URL: cloud.postgres.url,
    FEEDS_CONNECTIONS: '1000',
    // Work of the isolate, which does not depend on the connections.
    OUTBOX_DRAIN_INTERVAL_MS: '0',
    COUNTERS_FLUSH_MS: String(Number.MAX_SAFE_INTEGER),
    ...variables,
  });
  const pool = openDatabasePool({ connectionString: environment.DATABASE_URL });
  const closed: { checks: number }[] = [];
  let onClosed = () => {};
  const platform = createPlatform({
    environment,
    pool,
    fetch: createNodeFetch(),
    write(line) {
      if (!line.includes('"feeds.closed"')) return;
      closed.push(JSON.parse(line) as { checks: number });
      onClosed();
    },
  });
  const app = createApp(() => ({ scope: platform.scope, clientIp: '127.0.0.1' }));
  const server = await serve(app.fetch);
  const cookie = await signIn();

  async function signIn(): Promise<string> {
    const scope = platform.scope();
    const { sessions } = scope.tenant(demoTenant);
    const made = await sessions.create({ userId, role: 'owner', methods: ['pwd'] }, await sessions.readEpochs(userId));
    await scope.end();
    if (made.kind !== 'created') throw new Error(`No session for the readers: ${made.kind}`);
    return `${SESSION_COOKIE}=${made.token}`;
  }

  const open = () => openReaders(`${server.url}/feeds?topics=deals`, READERS, { cookie }, 'event: hello');
  return {
    platform,
    openReaders: open,
    /** Opens the readers, closes them after `ms`, and waits for the end of the connections. */
    async visit(ms = 0): Promise<void> {
      closed.length = 0;
      const readers = await open();
      await new Promise((resolve) => setTimeout(resolve, ms));
      const ended = new Promise<void>((resolve) => {
        onClosed = () => closed.length === READERS && resolve();
      });
      readers.close();
      await ended;
    },
    /** Returns the checks of all connections that have ended. */
    checks: () => closed.reduce((sum, { checks }) => sum + checks, 0),
    async close() {
      server.close();
      await pool.close();
    },
  };
}
