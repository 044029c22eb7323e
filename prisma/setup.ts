/**
 * Makes a database ready for the application. The local cloud calls this at each start, and tests before each suite.
 * A database that is ready stays unchanged. One connection is enough, because PGlite has only one.
 */
import { applyMigrations } from './apply.ts';
import { demoFactor, demoKeys, demoUser } from './demo.ts';
import { readMigrations } from './migration-files.ts';
import { hasDemo, isMigrated } from './ready.ts';
import type { SeedOptions } from './seed.ts';

export interface SetupOptions extends SeedOptions {
  connectionString: string;
  /** If `true`, the demo tenants are added. */
  seed: boolean;
  /** Receives a short text about each step. */
  log?: (line: string) => void;
}

/** The credentials of the demo: acme's API key with all rights, acme's owner, and the users with a second factor. */
export interface Demo {
  key: string;
  user: { email: string; password: string };
  /** The users of acme who have the owner's password and an authenticator app with this secret, in Base32. */
  factor: { secret: string; emails: readonly string[] };
}

const demo: Demo = {
  key: demoKeys.acme,
  user: demoUser,
  factor: { secret: demoFactor.secret, emails: demoFactor.roles.map((role) => `${role}@acme.example`) },
};

/** Applies pending migrations. If `seed` is set and the demo tenants do not exist, adds the demo tenants. */
export async function setUpDatabase({ connectionString, seed, log, ...options }: SetupOptions): Promise<Demo> {
  const applied = await applyMigrations(connectionString);
  if (applied.length > 0) log?.(`migrations applied: ${applied.length}`);
  if (seed && !(await hasDemo(connectionString))) {
    const { seedDatabase } = await import('./seed.ts');
    if (await seedDatabase(connectionString, options)) log?.('demo data added');
  }
  return demo;
}

/**
 * Returns the credentials of the demo, if the database has the current schema and the demo; otherwise returns
 * `undefined`.
 */
export async function demoOf(connectionString: string): Promise<Demo | undefined> {
  return (await isMigrated(connectionString, readMigrations())) && (await hasDemo(connectionString)) ? demo : undefined;
}
