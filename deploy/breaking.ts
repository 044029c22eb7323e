/**
 * The migrations that break the release before: while a deployment goes on, and after a rollback, that release runs on
 * the new schema. A migration may therefore only add. A later release removes the columns and tables that are no longer used.
 */
import type { Migration } from '../prisma/migration-files.ts';

/** Statements that take away or rename what the release before reads, or demand what it does not write. */
const BREAKING: readonly RegExp[] = [
  /\bDROP\s+(?:TABLE|COLUMN|VIEW)\b/i,
  /\bRENAME\b/i,
  /\bALTER\s+COLUMN\b.*?\b(?:SET\s+DATA\s+)?TYPE\b/is,
  /\bSET\s+NOT\s+NULL\b/i,
  /\bADD\s+COLUMN\b(?!.*\b(?:DEFAULT|GENERATED)\b).*\bNOT\s+NULL\b/is,
];

/** Returns the names of the migrations with such a statement, and the first one of each, on one line. */
export function breakingMigrations(migrations: readonly Migration[]): { name: string; statement: string }[] {
  return migrations.flatMap(({ name, sql }) => {
    const statement = sql
      .replace(/--.*$/gm, '')
      .split(/[;,](?=\s*(?:\n|$))/)
      .find((each) => BREAKING.some((pattern) => pattern.test(each)));
    return statement === undefined ? [] : [{ name, statement: statement.replace(/\s+/g, ' ').trim().slice(0, 120) }];
  });
}
