/**
 * Makes a database ready for the application: the local cloud calls this at each start, tests before each suite.
 * Nothing happens to a database that is ready. All of it takes one connection, which is all that PGlite has.
 */
import { applyMigrations } from './apply.ts';
import { demoKeys, demoUser } from './demo.ts';
import { readMigrations } from './migration-files.ts';
import { hasDemo, isMigrated } from './ready.ts';
import type { SeedOptions } from './seed.ts';

export interface SetupOptions extends SeedOptions {
  connectionString: string;
  /** Whether to add the demo tenants. */
  seed: boolean;
  /** Told what was done, in a few words. */
  log?: (line: string) => void;
}

/** Who the demo's people can be: acme's API key with all rights, and its owner. */
export interface Demo {
  key: string;
  user: { email: string; password: string };
}

const demo: Demo = { key: demoKeys.acme, user: demoUser };

/** Applies pending migrations and, if asked and not yet done, seeds. */
export async function setUpDatabase({ connectionString, seed, log, ...options }: SetupOptions): Promise<Demo> {
  const applied = await applyMigrations(connectionString);
  if (applied.length > 0) log?.(`migrations applied: ${applied.length}`);
  if (seed && !(await hasDemo(connectionString))) {
    const { seedDatabase } = await import('./seed.ts');
    if (await seedDatabase(connectionString, options)) log?.('demo data added');
  }
  return demo;
}

/** Who the demo's people can be, if the database has the current schema and the demo; else undefined. */
export async function demoOf(connectionString: string): Promise<Demo | undefined> {
  return (await isMigrated(connectionString, readMigrations())) && (await hasDemo(connectionString)) ? demo : undefined;
}
