/**
 * `npm run db:deploy`: applies the missing migrations, without downloading anything. The database is that of
 * DATABASE_URL or, by default, the local cloud's.
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
