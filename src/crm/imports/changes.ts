/** The records that an import has written, with their states before and after, so that the import can be undone. */
import type { ImportedKind } from './kinds/kind.ts';
import type { Draft, Records } from './kinds/records.ts';
import type { ImportKind } from './read/plan.ts';

/** The state of a record as far as an import changes it: values by their columns. Missing ones are null. */
export type State = Readonly<Record<string, string | number | null>>;

/** A record that an import has added or changed. */
export interface Change {
  entity: ImportedKind<ImportKind>['entity'];
  id: string;
  /** Missing or null for a new record. */
  before?: State | null;
  after: State;
}

/** Returns the changes of records of a kind. */
export function changesOf<Kind extends ImportKind>(kind: ImportedKind<Kind>, drafts: readonly Draft<Kind>[]): Change[] {
  return drafts.map(({ before, record }) => ({
    entity: kind.entity,
    id: record.id,
    before: before && stateOf(kind, before),
    after: stateOf(kind, record),
  }));
}

/** Returns the columns that an import can change. */
export function stateOf<Kind extends ImportKind>(
  { fields, derived }: ImportedKind<Kind>,
  record: Records[Kind],
): State {
  return Object.fromEntries([...fields, ...derived].map((field) => [field, record[field]])) as State;
}

/** A record that an undo leaves as it is, with the reason. */
export interface KeptRecord {
  entity: Change['entity'];
  id: string;
  reason: string;
}

/** The outcome of the undo of some changes. */
export interface Undone {
  removed: number;
  restored: number;
  kept: KeptRecord[];
}

/** The user who undoes the import; `null` for a machine. */
export interface UndoOptions {
  actorId: string | null;
}
