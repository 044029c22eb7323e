/**
 * The migrations that break the release before: while a deployment goes on, and after a rollback, that release runs on
 * the new schema. A migration may therefore only add. A later release removes the columns and tables that are no longer used.
 */
import type { Migration } from '../prisma/migration-files.ts';

/** Statements that take away or rename what the release before reads, or demand what it does not write. */
const BREAKING: readonly RegExp[] = [
  /\bDROP\s+(?:TABLE|COLUMN|VIEW|MATERIALIZED|TYPE|FUNCTION|SCHEMA|DEFAULT)\b/i,
  // The word COLUMN may be left out.
  /^\s*(?:ALTER\s+TABLE\b.*?\s)?DROP\s+(?:IF\s+EXISTS\s+)?(?!(?:INDEX|CONSTRAINT|TRIGGER|POLICY|RULE|NOT|IF|EXPRESSION|IDENTITY|EXTENSION|SEQUENCE)\b)["\w]/is,
  /\bRENAME\b/i,
  /\bALTER\s+COLUMN\b.*?\b(?:SET\s+DATA\s+)?TYPE\b/is,
  /\bSET\s+NOT\s+NULL\b/i,
  /\bADD\s+(?!CONSTRAINT\b)(?!.*\b(?:DEFAULT|GENERATED)\b).*\bNOT\s+NULL\b/is,
];

/** Returns the names of the migrations with such a statement, and the first one of each, on one line. */
export function breakingMigrations(migrations: readonly Migration[]): { name: string; statement: string }[] {
  return migrations.flatMap(({ name, sql }) => {
    const statement = changesIn(sql).find((each) => BREAKING.some((pattern) => pattern.test(each)));
    return statement === undefined ? [] : [{ name, statement: statement.replace(/\s+/g, ' ').trim().slice(0, 120) }];
  });
}

/** Splits statements, and the changes of an ALTER TABLE: at semicolons, and at commas outside of brackets and texts. */
function changesIn(sql: string): string[] {
  const changes = [''];
  let depth = 0;
  for (const [part] of sql.replace(/--.*$/gm, '').matchAll(/'(?:[^']|'')*'|\$(\w*)\$[\s\S]*?\$\1\$|[\s\S]/g)) {
    if (part === '(') depth += 1;
    if (part === ')') depth -= 1;
    if (part === ';' || (part === ',' && depth === 0)) changes.push('');
    else changes[changes.length - 1] += part;
  }
  return changes;
}
