/**
 * A redis-server of a test's own, in which faults of the server itself can be made: full, read-only, without a
 * permission, or with its last second lost. The embedded Redis has none of these, so suites that use it are skipped
 * where no redis-server is installed; CI installs one, and fails without it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, RESP_TYPES } from '@redis/client';

/** Whether a redis-server can be started here. In CI it must. */
export const hasRedisServer: boolean =
  spawnSync('redis-server', ['--version']).status === 0 || process.env['CI'] === 'true';

/** A running redis-server, and a connection that sees it without any REST server between. */
export interface RedisServer {
  url: string;
  /** Sends a command as a user of its own, whom {@link RedisServer.forbid} does not concern. */
  admin(...command: string[]): Promise<unknown>;
  /** Makes it refuse every command that needs memory, with `OOM`; eviction stays off. */
  fill(): Promise<void>;
  /** Makes it refuse every write with `READONLY`, as a replica does. */
  makeReadOnly(): Promise<void>;
  /** Takes permissions from the default user, such as `-del -unlink`; refused commands answer `NOPERM`. */
  forbid(...rules: string[]): Promise<void>;
  /**
   * Plays a failover that forgets the last commands it acknowledged: runs the work, then has every key as it was
   * before. Times to live go on where they were.
   */
  forget<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Ends all of these faults. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

/** Starts one on a free port, without persistence. */
export async function startRedisServer(): Promise<RedisServer> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-redis-'));
  const { server, port } = await listen(directory);
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const kill = () => void server.kill('SIGKILL');
  process.once('exit', kill);

  const socket = { reconnectStrategy: () => 20 };
  const first = createClient({ url: `redis://127.0.0.1:${port}`, socket }).on('error', () => {});
  await first.connect();
  await first.sendCommand(['ACL', 'SETUSER', 'admin', 'on', '>admin', '~*', '&*', '+@all']);
  const client = createClient({ url: `redis://admin:admin@127.0.0.1:${port}`, socket }).on('error', () => {});
  await client.connect();
  first.destroy();
  const admin = (...command: string[]): Promise<unknown> => client.sendCommand(command);
  const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });

  /** Every key, as `RESTORE` takes it. */
  async function copy(): Promise<{ key: string; ttl: number; value: Buffer }[]> {
    const keys = await client.keys('*');
    return Promise.all(
      keys.map(async (key) => ({
        key,
        ttl: Math.max(0, await client.pTTL(key)),
        // The mapping is not in the type.
        value: (await binary.dump(key)) as unknown as Buffer,
      })),
    );
  }

  return {
    url: `redis://127.0.0.1:${port}`,
    admin,
    async fill() {
      await admin('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      await admin('CONFIG', 'SET', 'maxmemory', '1');
    },
    async makeReadOnly() {
      // A replica of a server that is not there keeps its data, serves reads and refuses writes.
      await admin('CONFIG', 'SET', 'replica-serve-stale-data', 'yes');
      await admin('REPLICAOF', '127.0.0.1', '1');
    },
    async forbid(...rules) {
      await admin('ACL', 'SETUSER', 'default', ...rules);
    },
    async forget(work) {
      const before = await copy();
      const result = await work();
      await client.flushAll();
      for (const { key, ttl, value } of before) await client.restore(key, ttl, value);
      return result;
    },
    async heal() {
      await admin('CONFIG', 'SET', 'maxmemory', '0');
      await admin('REPLICAOF', 'NO', 'ONE');
      await admin('ACL', 'SETUSER', 'default', 'on', 'nopass', '~*', '&*', '+@all');
    },
    async close() {
      process.off('exit', kill);
      client.destroy();
      server.kill('SIGKILL');
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Another process may take a free port before the server does; it then ends, and another port is tried. */
async function listen(directory: string): Promise<{ server: ChildProcess; port: number }> {
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const port = await freePort();
    const settings = { port: String(port), bind: '127.0.0.1', save: '', appendonly: 'no', dir: directory };
    const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const server = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'ignore'] });
    if (await saysReady(server)) return { server, port };
  }
  throw new Error('No redis-server could be started');
}

/** Whether it listens; false when it has ended before. */
function saysReady(server: ChildProcess): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let said = '';
    server.stdout?.on('data', (chunk: Buffer) => {
      said += said.includes('Ready to accept') ? '' : chunk.toString();
      if (said.includes('Ready to accept')) resolve(true);
    });
    server.once('error', reject).once('exit', () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port is free');
  return address.port;
}
