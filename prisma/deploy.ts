/**
 * `npm run db:deploy`: applies the migrations that the database lacks, without network. The database is that of
 * DATABASE_URL or, without one, the local cloud's.
 */
import { messageOf } from '../dev/errors.ts';
import { withDatabase } from '../dev/running.ts';
import { applyMigrations } from './apply.ts';

try {
  const applied = await withDatabase((url) => applyMigrations(url));
  console.log(
    applied.length === 0
      ? 'Nothing to do: every migration is applied.'
      : ['Applied:', ...applied.map((name) => `  ${name}`)].join('\n'),
  );
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
