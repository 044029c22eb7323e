/** A fault of the database: it refuses the writes of one tenant to one table. */
import { sql } from './tenant.ts';

/** Lets the database refuse the writes until the returned function is called. */
export async function refuseWrites(
  database: string,
  { tenantId, event, table }: { tenantId: string; event: 'INSERT' | 'UPDATE'; table: string },
): Promise<() => Promise<void>> {
  const trigger = `fail_${tenantId.replaceAll('-', '_')}`;
  await sql(
    database,
    `CREATE FUNCTION ${trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full'; END $$`,
  );
  await sql(
    database,
    `CREATE TRIGGER ${trigger} BEFORE ${event} ON ${table} FOR EACH ROW WHEN (NEW.tenant_id = '${tenantId}')
     EXECUTE FUNCTION ${trigger}()`,
  );
  return async () => {
    await sql(database, `DROP FUNCTION ${trigger} CASCADE`);
  };
}
