/**
 * Compares the declared numbers with the triggers that the migrations create. The last definition of a table counts,
 * because the SQL replaces earlier ones.
 */
import { crmNumbers } from '../src/crm/numbers.ts';
import { functionOf, sharedFunctions, sqlOfShared, sqlOfSource } from '../src/platform/numbers/index.ts';
import { type Migration, readMigrations } from './migration-files.ts';

/** The table whose new rows are new tenants. */
const TENANTS = 'tenants';

/** The SQL of a part of the numbers, and the function in it that is defined last. */
interface Definition {
  sql: string;
  names: readonly string[];
}

/** Returns the SQL of the numbers that the migrations lack, or have in an earlier form; `''` if the two agree. */
export function missingTriggers(migrations: readonly Migration[] = readMigrations(), numbers = crmNumbers): string {
  const all = migrations.map(({ sql }) => sql).join('\n');
  const shared: Definition = { sql: sqlOfShared(TENANTS), names: Object.keys(sharedFunctions) };
  const ofTables = numbers.map((source) => ({ sql: sqlOfSource(source), names: [functionOf(source)] }));
  const missing = [shared, ...ofTables].filter(({ sql, names }) => {
    const at = all.lastIndexOf(sql);
    const later = at < 0 ? '' : all.slice(at + sql.length);
    return at < 0 || names.some((name) => later.includes(`CREATE OR REPLACE FUNCTION ${name}(`));
  });
  return missing.map(({ sql }) => `-- The triggers of maintained numbers\n${sql}\n`).join('\n');
}
