/**
 * Chooses the Redis of all scenarios: the Redis of `REDIS_URL`, else an installed redis-server that is started for
 * this run, else the embedded Redis in a child process. The document names the Redis.
 */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../dev/http/free-port.ts';
import { startChild } from './child.ts';
import { outputOf, startProgram, temporaryDirectory } from './programs.ts';

/** A running Redis. */
export interface BenchRedis {
  url: string;
  /** The name and version, for the document. */
  name: string;
  close(): Promise<void>;
}

/** Finds or starts a Redis. */
export async function startBenchRedis(): Promise<BenchRedis> {
  const given = process.env['REDIS_URL'];
  if (given) return { url: given, name: 'the Redis of REDIS_URL', close: async () => {} };
  const version = /v=([\d.]+)/.exec(outputOf('redis-server', '--version') ?? '')?.[1];
  if (version) return startInstalled(version);
  const child = await startChild<{ url: string }>(new URL('./embedded-redis-process.ts', import.meta.url), {});
  return {
    url: child.ready.url,
    name: 'the embedded js-redis-server (no redis-server is installed)',
    close: child.close,
  };
}

async function startInstalled(version: string): Promise<BenchRedis> {
  const port = await freePort();
  const directory = temporaryDirectory();
  const settings = { port: String(port), bind: '127.0.0.1', save: '', appendonly: 'no', dir: directory.path };
  const program = startProgram(
    'redis-server',
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
  );
  await untilListening(port);
  return {
    url: `redis://127.0.0.1:${port}`,
    name: `redis-server ${version}`,
    async close() {
      await program.stop();
      directory.remove();
    },
  };
}

/** Waits until a server accepts connections on a port. */
async function untilListening(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const connected = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (connected) return;
    await sleep(25);
  }
  throw new Error('redis-server did not start');
}
