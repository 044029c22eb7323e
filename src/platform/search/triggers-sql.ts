/** The triggers that keep the entries of a kind, as a migration creates them. */
import type { SearchKind } from './kind.ts';

/** Returns the statements that create the triggers of a kind. A repetition replaces them. */
export function triggersSql(declared: SearchKind): string {
  const { kind, table } = declared;
  const of = (row: string) =>
    `(${columnsOf(declared)
      .map((column) => `${row}.${column}`)
      .join(', ')})`;
  return `CREATE OR REPLACE FUNCTION search_put_${kind}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ${putOf(declared, 'NEW')};
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER search_added AFTER INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION search_put_${kind}();
CREATE OR REPLACE TRIGGER search_changed AFTER UPDATE ON ${table} FOR EACH ROW
  WHEN (${of('OLD')} IS DISTINCT FROM ${of('NEW')}) EXECUTE FUNCTION search_put_${kind}();
CREATE OR REPLACE TRIGGER search_removed AFTER DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION search_drop('${kind}');`;
}

/** Returns the statement that makes the entries of all rows of a kind. */
export function backfillSql(declared: SearchKind): string {
  return `SELECT count(${putOf(declared, 'source')}) FROM ${declared.table} AS source;`;
}

function columnsOf({ title, addresses = [], details = [], phones = [], json = [], labels = {} }: SearchKind): string[] {
  return [title, ...addresses, ...details, ...phones, ...json, ...Object.values(labels)];
}

function putOf(declared: SearchKind, row: string): string {
  const { kind, title, addresses = [], details = [], phones = [], json = [], labels = {} } = declared;
  const joined = (columns: readonly string[]) => `concat_ws(' ', ${columns.join(', ') || 'NULL'})`;
  const of = (columns: readonly string[]) => columns.map((column) => `${row}.${column}`);
  const values = json.map((column) => `(SELECT string_agg(value, ' ') FROM jsonb_each_text(${row}.${column}))`);
  const marked = Object.entries(labels).map(([name, column]) => `'${name}=' || ${row}.${column}`);
  return `search_put(${row}.tenant_id, '${kind}', ${row}.id, ${row}.${title}, ${joined(of(addresses))},
    ${joined([...of(details), ...values])}, ${joined(of(phones))}, ARRAY[${marked.join(', ')}]::text[])`;
}
