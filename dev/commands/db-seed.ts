/**
 * `npm run db:seed` and `prisma db seed`: writes the demo data to the database of DATABASE_URL or, by default, of the
 * local cloud. The demo keys are public, so the command refuses a database on another machine.
 */
import { demoFactor } from '../../prisma/demo.ts';
import { sealingWith } from '../../prisma/seed/sealing.ts';
import { seedDatabase } from '../../prisma/seed.ts';
import { messageOf } from '../cloud/errors.ts';
import { withDatabase } from '../cloud/running.ts';
import { LOCAL_SECRETS } from '../cloud/secrets.ts';

async function main(connectionString: string): Promise<void> {
  if (!/@(?:localhost|127\.0\.0\.1|\[::1\])[:/]/.test(connectionString)) {
    throw new Error('The demo data is for a database on this machine. Set DATABASE_URL to one.');
  }
  // The application of a local database has the keys of the local cloud, if no others are set.
  const sealing = sealingWith(process.env['SEAL_KEYS'] ?? LOCAL_SECRETS.sealKeys);
  const isNew = await seedDatabase(connectionString, { wake: true, sealing });
  console.log(isNew ? 'Seeded acme and globex.' : 'Already seeded.');
  // The secret of the app works only with the AUTH_KEYS of the local cloud.
  if (isNew)
    console.log(`Second factor of ${demoFactor.roles.join(', ')}: an app with the secret ${demoFactor.secret}`);
}

/** Returns the error message for the user of the command. */
function explain(error: unknown): string {
  const isEmpty = (error as { code?: unknown }).code === 'P2021';
  return isEmpty ? 'This database has no tables yet: run `npm run db:deploy` first.' : messageOf(error);
}

await withDatabase(main).catch((error: unknown) => {
  console.error(explain(error));
  process.exitCode = 1;
});
