/** The rows that an import has written, with their states before and after, so that the import can be undone. */
import { CHANGEABLE, type Changeable } from './decide.ts';
import type { KnownContact } from './known.ts';
import type { Draft } from './matcher.ts';

/** The state of a contact as far as an import changes it. */
export type ContactState = Pick<KnownContact, Changeable>;

/** A row that an import has added or changed. */
export type Change =
  | { entity: 'contact'; id: string; before: ContactState | null; after: ContactState }
  | { entity: 'company'; id: string; after: { name: string } };

/** Returns the changes of a batch of rows: companies first, because the contacts refer to them. */
export function changesOf(drafts: readonly Draft[], companies: readonly { id: string; name: string }[]): Change[] {
  return [
    ...companies.map(({ id, name }): Change => ({ entity: 'company', id, after: { name } })),
    ...drafts.map(
      (draft): Change => ({
        entity: 'contact',
        id: draft.id,
        before: draft.before && stateOf(draft.before),
        after: stateOf(draft),
      }),
    ),
  ];
}

/** Returns the fields that an import can change. */
export function stateOf(contact: ContactState): ContactState {
  const { name, email, phone, jobTitle, companyId } = contact;
  return { name, email, phone, jobTitle, companyId };
}

/** Returns whether two states are equal. */
export function isSameState(one: ContactState, other: ContactState): boolean {
  return CHANGEABLE.every((field) => one[field] === other[field]);
}

/** A record that an undo leaves, with the reason. */
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
