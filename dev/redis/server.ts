/**
 * The embedded Redis: js-redis-server, in this process, in memory. This module assembles the server from parts of the
 * library. The library's own server listens on every interface, does not switch off Nagle's algorithm (which causes
 * stalls of 45 ms under concurrency), and waits on close until its clients disconnect.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import {
  createRedisCommandExecutor,
  RedisServerState,
  Resp2Server,
  resolveCompatibilityProfile,
} from 'js-redis-server/core';
import { LOOPBACK } from '../http/server.ts';
import { listKeysWithoutValues } from './list-keys.ts';

/** A running embedded Redis. */
export interface EmbeddedRedis {
  url: string;
  port: number;
  /**
   * Closes every connection and loses all data, like a killed process. To restart, call {@link startRedis} with the
   * same port.
   */
  close(): Promise<void>;
}

/**
 * Small buffers get memory of their own in this process. Node takes them from slabs of 64 KiB; there, one short value that
 * stays in Redis would keep a whole slab of passing requests in memory, 100 MB an hour of light use.
 */
function giveBuffersOwnMemory(): void {
  Buffer.poolSize = 0;
}

/**
 * Starts an empty Redis.
 *
 * @param options.port 0 (the default) for any free port
 * @throws the error of `listen`, e.g. with code `EADDRINUSE`
 */
export async function startRedis(options: { port?: number } = {}): Promise<EmbeddedRedis> {
  giveBuffersOwnMemory();
  const compatibility = resolveCompatibilityProfile(undefined);
  const state = new RedisServerState({ databaseCount: 16, compatibility });
  for (const database of state.databases) listKeysWithoutValues(database);
  const { server } = new Resp2Server({ server: state, executor: createRedisCommandExecutor({ compatibility }) });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  server.listen(options.port ?? 0, LOOPBACK);
  try {
    await once(server, 'listening');
  } catch (error) {
    state.close();
    throw error;
  }
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
    state.close();
  };
  return {
    url: `redis://${LOOPBACK}:${port}`,
    port,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
