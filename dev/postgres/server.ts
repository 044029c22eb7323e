/**
 * PGlite behind a socket, for any number of clients at once. PGlite is one Postgres backend. Its own socket server
 * mixes single messages of all clients, so two prepared statements with the same name collide. Here each connection has
 * its own statement names, and has the backend for a whole turn or transaction (see `gate.ts`).
 *
 * All clients still share the session of the one backend: session settings (SET), temporary tables, session advisory
 * locks and LISTEN. COPY FROM STDIN does not work.
 */
import { createServer, type Socket } from 'node:net';
import { LOOPBACK } from '../http/server.ts';
import { Gate } from './gate.ts';
import { createGreeting } from './greeting.ts';
import { serveSession } from './session.ts';
import type { Backend } from './wire.ts';

/** A listening server. */
export interface PostgresServer {
  port: number;
  close(): Promise<void>;
}

/** Options of {@link startPostgresServer}. */
export interface PostgresServerOptions {
  /** The port; 0 for any free port. */
  port: number;
  /** The time, in ms, after which a query that waits for another connection's transaction fails with 55P03. */
  waitLimitMs: number;
}

/**
 * Starts the server for a backend.
 *
 * @throws the error of `listen`, e.g. with code `EADDRINUSE`
 */
export async function startPostgresServer(backend: Backend, options: PostgresServerOptions): Promise<PostgresServer> {
  const gate = new Gate(options.waitLimitMs);
  const greet = createGreeting(gate, backend);
  const sessions = new Map<Socket, Promise<void>>();
  let lastId = 0;

  const server = createServer((socket) => {
    lastId += 1;
    const session = serveSession(socket, { id: lastId, gate, backend, greet })
      .catch(() => {})
      .finally(() => sessions.delete(socket));
    sessions.set(socket, session);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, LOOPBACK, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();

  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sessions.keys()) socket.destroy();
      await Promise.all([closed, ...sessions.values()]);
    },
  };
}
