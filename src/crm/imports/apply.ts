/**
 * Writes the rows of a file as records. A second import of a file changes nothing, and the result does not depend on
 * the borders between transactions.
 */
import type { Transaction } from '../../platform/db/index.ts';
import type { Field } from '../fields/field.ts';
import { type Change, changesOf } from './changes.ts';
import { type Decision, decideRows } from './decide.ts';
import { kinds } from './kinds/index.ts';
import type { ImportedKind, Row } from './kinds/kind.ts';
import { lockImports } from './lock.ts';
import type { ImportKind } from './read/plan.ts';
import { writeDrafts } from './write.ts';

/** The results of a batch of rows. */
export interface Applied {
  decisions: Decision[];
  companiesCreated: number;
  /** The written rows, in the order of their writing. */
  changes: Change[];
}

/** The user who imports, and whether companies that do not exist are added. */
export interface ApplyOptions {
  createCompanies: boolean;
  actorId: string | null;
  /** The custom fields that columns of the file fill. */
  fields?: readonly Field[];
}

/**
 * Adds and updates records, with an event for each. The number of statements does not depend on the number of rows: at
 * most eight for contacts, six for companies and twelve for deals.
 */
export async function applyRows<Kind extends ImportKind>(
  tx: Transaction,
  kind: ImportedKind<Kind>,
  rows: readonly Row<Kind>[],
  { createCompanies, actorId, fields = [] }: ApplyOptions,
): Promise<Applied> {
  await lockImports(tx);
  const rowId = (prefix: string) => tx.system.rowId(prefix);
  const options = { createCompanies, rowId, now: tx.system.now(), fields, lock: true };
  const { decisions, drafts, companies } = await decideRows(kind, tx, rows, options);
  await writeDrafts(tx, kinds.companies, companies, actorId);
  await writeDrafts(tx, kind, drafts, actorId, fields);
  return {
    decisions,
    companiesCreated: companies.length,
    changes: [...changesOf(kinds.companies, companies), ...changesOf(kind, drafts)],
  };
}
