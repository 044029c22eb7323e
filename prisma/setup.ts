/**
 * Makes a database ready for the application: the local cloud calls this at each start, tests before each suite.
 * Nothing happens to a database that is ready. All of it takes one connection, which is all that PGlite has.
 */
import { applyMigrations } from './apply.ts';
import { demoKeys, demoUser } from './demo.ts';
import { type SeedOptions, seedDatabase } from './seed.ts';

export interface SetupOptions extends SeedOptions {
  connectionString: string;
  /** Whether to add the demo tenants. */
  seed: boolean;
}

/** Who the demo's people can be: acme's API key with all rights, and its owner. */
export interface Demo {
  key: string;
  user: { email: string; password: string };
}

/** Applies pending migrations and, if asked and not yet done, seeds. */
export async function setUpDatabase({ connectionString, seed, ...options }: SetupOptions): Promise<Demo> {
  await applyMigrations(connectionString);
  if (seed) await seedDatabase(connectionString, options);
  return { key: demoKeys.acme, user: demoUser };
}
