/**
 * The configuration of the Prisma CLI: `prisma migrate deploy` and `prisma db seed` use the database of DATABASE_URL;
 * `prisma generate` needs no database.
 */
import { defineConfig } from 'prisma/config';

const url = process.env['DATABASE_URL'];

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations', seed: 'node dev/commands/db-seed.ts' },
  ...(url === undefined ? {} : { datasource: { url } }),
});
