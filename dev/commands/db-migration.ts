/**
 * `npm run db:migration -- <name>`: writes a new migration, the SQL that leads from the existing migrations to
 * `schema.prisma`, and the triggers of the declared numbers. The command uses a temporary database in memory. Review the
 * SQL before you commit it; `npm run db:deploy` applies it.
 */
import { missingSql, nameMigration, writeMigration } from '../../prisma/migration.ts';
import { missingTriggers } from '../../prisma/number-triggers.ts';
import { startPostgres } from '../postgres/start.ts';

async function main(name: string | undefined): Promise<void> {
  if (name === undefined || !/^[a-z][a-z0-9_]*$/.test(name)) {
    console.error('Name the migration in snake_case: npm run db:migration -- add_invoice');
    process.exitCode = 1;
    return;
  }
  const database = await startPostgres();
  const tables = await missingSql(database.url).finally(() => database.close());
  const sql = [tables ?? '', missingTriggers()].filter((part) => part !== '').join('\n');
  if (sql === '') {
    console.log('Nothing to do: the migrations already make schema.prisma and the triggers of numbers.');
    return;
  }
  const migration = { name: nameMigration(name, new Date()), sql };
  writeMigration(migration);
  console.log(`Wrote prisma/migrations/${migration.name}/migration.sql`);
}

await main(process.argv[2]);
