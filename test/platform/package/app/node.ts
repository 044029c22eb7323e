/** The application in Node: `node node.js`, with its settings in the environment. The scopes share one pool. */
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { pgStore } from 'holdfast/pg';
import pg from 'pg';
import { createApp, type Settings } from './app.js';

const settings = process.env as unknown as Settings & { DATABASE_URL: string };
const pool = new pg.Pool({ connectionString: settings.DATABASE_URL });
const store = pgStore(pool);
let app: ReturnType<typeof createApp>;
const server = serve(
  { fetch: (request) => app.fetch(request), port: 0, hostname: '127.0.0.1' },
  ({ port }: AddressInfo) => {
    const url = `http://127.0.0.1:${port}`;
    app = createApp({ ...settings, APP_URL: url }, () => ({ store }));
    console.log(JSON.stringify({ ready: true, url, version: process.version }));
  },
);
process.once('SIGTERM', () => {
  server.close();
  void pool.end();
});
