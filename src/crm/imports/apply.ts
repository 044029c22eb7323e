/**
 * Writes the rows of a file as contacts. A second import of a file changes nothing, and the result does not depend on
 * the borders between transactions.
 */
import type { Transaction } from '../../platform/db/index.ts';
import { type Change, changesOf } from './changes.ts';
import { type Decision, decideRows } from './decide.ts';
import type { ContactRow } from './known.ts';
import { lockImports } from './lock.ts';
import { appendEvents, writeRows } from './write.ts';

/** The results of a batch of rows. */
export interface Applied {
  decisions: Decision[];
  companiesCreated: number;
  /** The written rows, in the order of their writing. */
  changes: Change[];
}

/** Who imports, and whether companies that do not exist are added. */
export interface ApplyOptions {
  createCompanies: boolean;
  actorId: string | null;
}

/** Adds and updates contacts, with an event for each, with at most eight statements for any number of rows: seven if all are new. */
export async function applyRows(
  tx: Transaction,
  rows: readonly ContactRow[],
  { createCompanies, actorId }: ApplyOptions,
): Promise<Applied> {
  await lockImports(tx);
  const rowId = (kind: 'contact' | 'company') => tx.system.rowId(kind);
  const { decisions, drafts, companies } = await decideRows(tx, rows, { createCompanies, rowId, lock: true });
  await writeRows(tx, drafts, companies);
  await appendEvents(tx, drafts, companies, actorId);
  return { decisions, companiesCreated: companies.length, changes: changesOf(drafts, companies) };
}
