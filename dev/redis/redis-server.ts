/**
 * A redis-server of a test's or drill's own, which can have the faults of a real server: full, read-only, without a
 * permission, or with the loss of its last second. The embedded Redis has none of them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, RESP_TYPES } from '@redis/client';
import { freePort } from '../http/free-port.ts';

/** A running redis-server, and a direct connection without a REST server in between. */
export interface RedisServer {
  url: string;
  /** Sends a command as a user that {@link RedisServer.forbid} does not affect. */
  admin(...command: string[]): Promise<unknown>;
  /** Lets the server refuse every command that needs memory, with `OOM`; eviction stays off. */
  fill(): Promise<void>;
  /** Lets the server refuse every write with `READONLY`, as a replica does. */
  makeReadOnly(): Promise<void>;
  /** Takes permissions from all users except the admin's, such as `-del -unlink`; refused commands answer `NOPERM`. */
  forbid(...rules: string[]): Promise<void>;
  /**
   * Simulates a failover that loses the last acknowledged commands: runs the work, then restores every key with its
   * earlier value and time to live.
   */
  forget<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Ends all of these faults. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a server on a free port, without persistence. */
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

  /** The rules of the users, by name, while permissions are taken from them. */
  let whole: Map<string, string[]> | undefined;

  /** Returns the rules of all users except the admin's. A line of `ACL LIST` has a user's rules, with digests of the passwords. */
  async function usersOfApps(): Promise<Map<string, string[]>> {
    const lines = ((await admin('ACL', 'LIST')) as string[]).map((line) => line.split(' '));
    return new Map(lines.flatMap(([, name = '', ...rules]) => (name === 'admin' ? [] : [[name, rules] as const])));
  }

  /** Every key in the form of `RESTORE`. */
  async function copy(): Promise<{ key: string; ttl: number; value: Buffer }[]> {
    const keys = await client.keys('*');
    return Promise.all(
      keys.map(async (key) => ({
        key,
        ttl: Math.max(0, await client.pTTL(key)),
        // The type lacks the mapping.
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
      // A replica of a missing server keeps its data, serves reads and refuses writes.
      await admin('CONFIG', 'SET', 'replica-serve-stale-data', 'yes');
      await admin('REPLICAOF', '127.0.0.1', '1');
    },
    async forbid(...rules) {
      whole ??= await usersOfApps();
      for (const name of whole.keys()) await admin('ACL', 'SETUSER', name, ...rules);
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
      for (const [name, rules] of whole ?? []) await admin('ACL', 'SETUSER', name, 'reset', ...rules);
      whole = undefined;
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

/** Another process may take the free port before the server does; the server then ends, and another port is tried. */
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

/** Whether the server listens; false if it has ended before. */
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
