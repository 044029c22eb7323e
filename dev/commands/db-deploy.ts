/**
 * `npm run db:deploy`: applies the missing migrations, without downloading anything. The command
 * uses the database of DATABASE_URL or, by default, of the local cloud.
 */
import { applyMigrations } from '../../prisma/apply.ts';
import { messageOf } from '../cloud/errors.ts';
import { withDatabase } from '../cloud/running.ts';

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
