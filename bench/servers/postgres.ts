/**
 * Chooses the PostgreSQL of the API: the database of `DATABASE_URL`, else an installed PostgreSQL that is started for
 * this run, else the local cloud's PGlite. A real PostgreSQL is preferred, because a slow database would make the
 * cache look better.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../dev/http/free-port.ts';
import { outputOf, temporaryDirectory } from './programs.ts';

/** The folder in which Debian and Ubuntu keep the server's programs, by version. */
const HOME = '/usr/lib/postgresql';

/** A running PostgreSQL, or the choice of the embedded PGlite (`url: null`). */
export interface BenchPostgres {
  url: string | null;
  /** The name and version, for the notes. */
  name: string;
  close(): void;
}

/** Finds or starts a PostgreSQL. */
export async function startBenchPostgres(): Promise<BenchPostgres> {
  const given = process.env['DATABASE_URL'];
  if (given) return { url: given, name: 'the PostgreSQL of DATABASE_URL', close: () => {} };
  return (await startInstalled()) ?? { url: null, name: 'PGlite (no PostgreSQL is installed)', close: () => {} };
}

async function startInstalled(): Promise<BenchPostgres | null> {
  const versions = existsSync(HOME) ? readdirSync(HOME).sort((a, b) => Number(b) - Number(a)) : [];
  const programs = versions.map((version) => join(HOME, version, 'bin')).find((bin) => existsSync(join(bin, 'pg_ctl')));
  if (!programs) return null;
  const directory = temporaryDirectory();
  const data = join(directory.path, 'data');
  const port = await freePort();
  const settings = `-p ${port} -k ${directory.path} -c listen_addresses=127.0.0.1 -c fsync=off`;
  const run = asServerUser(directory.path);
  const control = (...args: string[]): boolean => run(join(programs, 'pg_ctl'), '-D', data, ...args);
  const created = run(join(programs, 'initdb'), '-D', data, '--auth=trust', '--username=postgres');
  if (!created || !control('-w', '-l', join(directory.path, 'log'), '-o', settings, 'start')) {
    directory.remove();
    return null;
  }
  return {
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    name: `PostgreSQL ${/[\d.]+/.exec(outputOf(join(programs, 'postgres'), '--version') ?? '')?.[0] ?? ''}`,
    close() {
      control('-m', 'immediate', 'stop');
      directory.remove();
    },
  };
}

/**
 * Returns a function that runs a program as a user who may run PostgreSQL. PostgreSQL refuses root, so with root the
 * user `postgres` runs the program and gets the directory.
 */
function asServerUser(directory: string): (program: string, ...args: string[]) => boolean {
  const root = process.getuid?.() === 0;
  if (root) spawnSync('chown', ['postgres', directory]);
  return (program, ...args) => {
    const [command, ...rest] = root ? ['runuser', '-u', 'postgres', '--', program, ...args] : [program, ...args];
    return spawnSync(command ?? program, rest, { stdio: 'ignore', cwd: directory }).status === 0;
  };
}
