/** Serves the built site on this machine. */
import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';

/** Serves a folder at a port of 127.0.0.1, and rejects with `EADDRINUSE` if the port is taken. */
export function serveSite(folder: string, port: number): Promise<Server> {
  const app = new Hono();
  app.use('*', serveStatic({ root: folder }));
  const server = createServer(getRequestListener(app.fetch));
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => done(server));
  });
}
