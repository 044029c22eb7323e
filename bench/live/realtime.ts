/**
 * Live updates of `@upstash/realtime`: its handler over HTTP, and after the commit of a change an `emit`. Its history is
 * as long as Holdfast's: 1,000 entries and 24 hours.
 */
import { mock } from 'node:test';
import { handle, Realtime } from '@upstash/realtime';
import { Redis } from '@upstash/redis';
import pg from 'pg';
import { z } from 'zod';
import { demoTenant } from '../api/world.ts';
import type { RestProcess } from '../servers/rest.ts';
import { counted, each } from './counted.ts';
import type { LiveServers } from './holdfast.ts';
import { type LiveApp, type LiveCosts, READERS } from './measurement.ts';
import { openReaders, serve } from './readers.ts';

const CHANNEL = 'bench-realtime-deals';
/** A connection pings its channel at this interval, in ms. */
const PING_MS = 60_000;
/** The handler ends a connection 2 s before the 300 s of its default. */
const LIFE_MINUTES = 298 / 60;

/** Opens the handler with readers. */
export async function openRealtime({ cloud, rest }: LiveServers): Promise<LiveApp> {
  const { server, emit, openAll } = await openHandler(rest);
  const readers = await openAll();
  const pool = new pg.Pool({ connectionString: cloud.postgres.url });
  return {
    async change(deal) {
      const { result, arrived } = await readers.untilAllGet(`"id":"${deal}"`, async () => {
        const title = `Changed at ${performance.now()}`;
        await pool.query('UPDATE deals SET title = $3 WHERE tenant_id = $1 AND id = $2', [demoTenant, deal, title]);
        const committed = performance.now();
        await emit(deal);
        return committed;
      });
      return { committed: result, arrived };
    },
    async close() {
      readers.close();
      server.close();
      await pool.end();
    },
  };
}

/** Counts the costs. The pings come when the mocked clock passes their interval. */
export async function costsOfRealtime({ rest }: LiveServers): Promise<LiveCosts> {
  const { server, emit, openAll } = await openHandler(rest);
  const connection = each(await counted(rest, async () => (await openAll()).close()), READERS);
  const publish = await counted(rest, () => emit('deal_bench'));

  mock.timers.enable({ apis: ['setInterval'] });
  const readers = await openAll();
  const pings = await counted(rest, () =>
    readers.untilAllGet('"ping"', async () => mock.timers.tick(PING_MS), READERS),
  );
  readers.close();
  mock.timers.reset();
  server.close();
  return {
    publish,
    connection,
    commandsPerMinute: connection.commands / LIFE_MINUTES + pings.commands / READERS,
    // untilAllGet has seen each ping arrive at each reader.
    messagesPerMinute: READERS,
  };
}

async function openHandler({ url, token }: RestProcess) {
  const schema = { deal: { updated: z.object({ type: z.string(), id: z.string() }) } };
  const realtime = new Realtime({
    schema,
    redis: new Redis({ url, token, enableTelemetry: false }),
    history: { maxLength: 1_000, expireAfterSecs: 86_400 },
  });
  const answer = handle({ realtime });
  const server = await serve(async (request) => (await answer(request)) ?? new Response(null, { status: 404 }));
  return {
    server,
    openAll: () => openReaders(`${server.url}/?channel=${CHANNEL}`, READERS, {}, '"connected"'),
    emit: (id: string) => realtime.channel(CHANNEL).emit('deal.updated', { type: 'deal.updated', id }),
  };
}
