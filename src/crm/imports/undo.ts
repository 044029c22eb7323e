/**
 * The undo of an import: new records are removed and changed records get their old values, chunk by chunk, the last
 * chunk first. A record that has changed since the import stays as it is, and is listed with the reason.
 */
import type { Transaction } from '../../platform/db/index.ts';
import { loadFields } from '../fields/custom.ts';
import type { Field } from '../fields/field.ts';
import { type Change, type State, stateOf, type Undone, type UndoOptions } from './changes.ts';
import { knownText, NO_VALUES } from './kinds/custom.ts';
import { kinds } from './kinds/index.ts';
import type { ImportedKind } from './kinds/kind.ts';
import type { Records } from './kinds/records.ts';
import { distinct, findRecords, lockIds, REFERENCES, usedIds } from './kinds/table.ts';
import type { ImportKind } from './read/plan.ts';
import { writeRecords } from './write.ts';

/** The kinds in the order of their undo: records before those to which they refer. */
const ORDER = [kinds.deals, kinds.contacts, kinds.companies] as const;

/** Undoes the changes of one chunk, with a number of statements that does not depend on the number of changes. */
export async function undoChanges(tx: Transaction, changes: readonly Change[], options: UndoOptions): Promise<Undone> {
  const sum: Undone = { removed: 0, restored: 0, kept: [] };
  for (const kind of ORDER) {
    const ours = changes.filter(({ entity }) => entity === kind.entity);
    const { removed, restored, kept } = await undoKind(tx, kind as ImportedKind<ImportKind>, ours, options);
    sum.removed += removed;
    sum.restored += restored;
    sum.kept.push(...kept);
  }
  return sum;
}

async function undoKind<Kind extends ImportKind>(
  tx: Transaction,
  kind: ImportedKind<Kind>,
  changes: readonly Change[],
  { actorId }: UndoOptions,
): Promise<Undone> {
  if (changes.length === 0) return { removed: 0, restored: 0, kept: [] };
  const ids = changes.map(({ id }) => id);
  // The lock prevents new references to the records, so the next statement sees all of them.
  const found = await findRecords(tx, kind.table, ids, { lock: true });
  const current = new Map(found.map(({ record }) => [record.id, record]));
  const used = await usedIds(tx, kind.use.columns, ids);
  const lost = await lostReferences(tx, changes);
  const hasValues = changes.some(({ before, after }) => hasCustom(before) || hasCustom(after));
  const fields = hasValues ? await loadFields(tx.db, tx.tenant, kind.entity) : [];
  const kept: Undone['kept'] = [];
  const undone: { before: Records[Kind]; after: Records[Kind] | null }[] = [];
  for (const stored of changes) {
    // A deleted field has no values, and an undo gives it none.
    const change = withKnown(stored, fields);
    const { id, before } = change;
    const row = current.get(id);
    const record = row && hasValues ? { ...row, custom: knownText(row.custom, fields) } : row;
    const reason = reasonToKeep(kind, change, record, { isUsed: used.has(id), lost });
    if (reason !== null) kept.push({ entity: kind.entity, id, reason });
    else if (record) undone.push({ before: record, after: before ? { ...record, ...before } : null });
  }
  const removed = undone.filter(({ after }) => after === null);
  const restored = undone.filter(({ after }) => after !== null);
  await writeRecords(tx, kind, [...removed, ...restored], actorId, fields);
  return { removed: removed.length, restored: restored.length, kept };
}

function reasonToKeep<Kind extends ImportKind>(
  kind: ImportedKind<Kind>,
  { before, after }: Change,
  record: Records[Kind] | undefined,
  { isUsed, lost }: { isUsed: boolean; lost: ReadonlyMap<string, string> },
): string | null {
  // A new record that was deleted since needs no undo; the caller finds nothing to remove.
  if (!record) return before ? 'was deleted since the import' : null;
  if (!isSame(stateOf(kind, record), after)) return 'has changed since the import';
  if (before) return REFERENCES.map(([field]) => lost.get(String(before[field]))).find((reason) => reason) ?? null;
  if (isUsed) return kind.use.reason;
  return isOwned(kind, record) ? 'has changed since the import' : null;
}

function hasCustom(state: State | null | undefined): boolean {
  return (state?.['custom'] ?? NO_VALUES) !== NO_VALUES;
}

/** Returns a change without the values of custom fields that are not among these. */
function withKnown(change: Change, fields: readonly Field[]): Change {
  const known = (state: State): State =>
    hasCustom(state) ? { ...state, custom: knownText(String(state['custom']), fields) } : state;
  return { ...change, ...(change.before ? { before: known(change.before) } : {}), after: known(change.after) };
}

/**
 * Whether two states are equal. Earlier versions stored fewer columns of a new company, which were all empty, and no
 * custom values, which they did not change.
 */
function isSame(current: State, stored: State): boolean {
  const isEqual = (field: string) => current[field] === (stored[field] ?? null);
  return Object.keys(current).every((field) => isEqual(field) || (field === 'custom' && stored[field] === undefined));
}

/** Whether a new record has got an owner, which imports of its kind do not write. */
function isOwned<Kind extends ImportKind>({ fields }: ImportedKind<Kind>, record: Records[Kind]): boolean {
  return record.ownerId !== null && !(fields as readonly string[]).includes('ownerId');
}

/**
 * Locks the records to which the old states refer against deletion. Returns the reasons for those that do not exist, by
 * their ids. At most 1 statement for each kind of reference.
 */
async function lostReferences(tx: Transaction, changes: readonly Change[]): Promise<Map<string, string>> {
  const lost = new Map<string, string>();
  for (const [field, name, table] of REFERENCES) {
    const ids = distinct(changes.map(({ before }) => before?.[field] as string | null | undefined));
    const present = await lockIds(tx, table, ids);
    for (const id of ids) if (!present.has(id)) lost.set(id, `its earlier ${name} was deleted`);
  }
  return lost;
}
