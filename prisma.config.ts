/**
 * What the Prisma CLI needs to know: `prisma migrate deploy` and `prisma db seed` find their database in
 * DATABASE_URL; `prisma generate` needs none.
 */
import { defineConfig } from 'prisma/config';

const url = process.env['DATABASE_URL'];

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations', seed: 'node prisma/seed.ts' },
  ...(url === undefined ? {} : { datasource: { url } }),
});
