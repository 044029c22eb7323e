/** Writes the records that an import has decided about, or that its undo gives back, with their tags and events. */
import type { Transaction } from '../../platform/db/index.ts';
import type { Field } from '../fields/field.ts';
import { changedFieldNames } from './kinds/custom.ts';
import type { ImportedKind, Written } from './kinds/kind.ts';
import type { Draft, Records } from './kinds/records.ts';
import { insertRecords, removeRecords, updateRecords } from './kinds/table.ts';
import type { ImportKind } from './read/plan.ts';

/** Adds and updates records. At most 3 statements, and those of the kind's events. */
export function writeDrafts<Kind extends ImportKind>(
  tx: Transaction,
  kind: ImportedKind<Kind>,
  drafts: readonly Draft<Kind>[],
  actorId: string | null,
  fields: readonly Field[] = [],
): Promise<void> {
  const written = drafts.map(({ before, record }) => ({ before, after: record }));
  return writeRecords(tx, kind, written, actorId, fields);
}

/** Adds, updates and removes records, each by its states before and after. `custom` are the known custom fields. */
export async function writeRecords<Kind extends ImportKind>(
  tx: Transaction,
  kind: ImportedKind<Kind>,
  states: readonly Pick<Written<Kind>, 'before' | 'after'>[],
  actorId: string | null,
  custom: readonly Field[] = [],
): Promise<void> {
  const added: Records[Kind][] = [];
  const changed: Records[Kind][] = [];
  const removed: string[] = [];
  for (const { before, after } of states) {
    if (after === null) removed.push(...(before ? [before.id] : []));
    else if (before === null) added.push(after);
    else changed.push(after);
  }
  await insertRecords(tx, kind.table, added);
  await updateRecords(tx, kind.table, [...kind.fields, ...kind.derived], changed);
  await removeRecords(tx, kind.kind, removed);
  for (const state of states) invalidate(tx, kind, state);
  const written = states.map((state) => ({ ...state, fields: changedFields(kind, state, custom) }));
  await kind.append(tx, written, actorId);
}

/** Returns the fields in which the states of a record differ. */
function changedFields<Kind extends ImportKind>(
  { fields }: ImportedKind<Kind>,
  { before, after }: Pick<Written<Kind>, 'before' | 'after'>,
  custom: readonly Field[],
): string[] {
  if (before === null || after === null) return [];
  const own = fields.filter((field) => before[field] !== after[field]);
  return [...own, ...changedFieldNames(before.custom, after.custom, custom)];
}

function invalidate<Kind extends ImportKind>(
  tx: Transaction,
  { tags, title }: ImportedKind<Kind>,
  { before, after }: Pick<Written<Kind>, 'before' | 'after'>,
): void {
  if (tags.set && (before === null || after === null)) tx.invalidate(tags.set);
  if (before === null && after) {
    // The record is new, so no cached value can have its own tag.
    tx.invalidate(...tags.of(after).filter((tag) => tag !== tags.one(after.id)));
    return;
  }
  for (const state of [before, after]) if (state) tx.invalidate(...tags.of(state));
  if (tags.names && before && after && before[title] !== after[title]) tx.invalidate(tags.names);
}
