/**
 * Finds the contact that a row is about: by its id, then by its address, then by identical name and telephone number.
 * Contacts of earlier rows are found too.
 */
import { fold } from '../../platform/text/index.ts';
import { foldPhone } from './fold.ts';
import type { ContactRow, FoundContact, KnownContact } from './known.ts';

/** The new state of a contact. */
export interface Draft extends KnownContact {
  /** The old state; `null` for a new contact. */
  before: KnownContact | null;
  /** The name of the company. */
  companyName: string | null;
}

/** The contact of a row. */
export interface Match {
  draft: Draft;
  /** True if name and number have led to the contact, so that the row does not change them. */
  isNamesake: boolean;
}

/** The contacts by the values that rows name. */
export interface Matcher {
  /**
   * Returns the contact of a row; `undefined` if no contact fits, `several` if its address belongs to several contacts
   * and the name does not decide. `companyId` is the company of the row.
   */
  find(row: ContactRow, companyId: string | null): Match | 'several' | undefined;
  /** Makes a contact findable by its present values. */
  add(draft: Draft): void;
}

/** Creates a matcher of these contacts, which are in the order of their ids. */
export function createMatcher(contacts: readonly FoundContact[]): Matcher {
  const byId = new Map<string, Draft>();
  const byEmail = new Map<string, Set<Draft>>();
  const byName = new Map<string, Set<Draft>>();

  function add(draft: Draft): void {
    byId.set(draft.id, draft);
    if (draft.email !== null) setOf(byEmail, draft.email).add(draft);
    setOf(byName, nameKey(draft)).add(draft);
  }

  function withAddress({ email, name }: ContactRow): Draft | 'several' | undefined {
    // A contact that an earlier row has given another address is still in the set of its old address.
    const matches = [...(byEmail.get(email ?? '') ?? [])].filter((draft) => draft.email === email);
    if (matches.length < 2) return matches[0];
    const namesakes = matches.filter((draft) => name !== undefined && fold(draft.name) === fold(name));
    return namesakes.length === 1 ? namesakes[0] : 'several';
  }

  function withName({ name, email, phone, jobTitle }: ContactRow, companyId: string | null): Draft | undefined {
    if (name === undefined) return undefined;
    const key = nameKey({ name, phone });
    return [...(byName.get(key) ?? [])].find((draft) => {
      if (nameKey(draft) !== key || (email !== undefined && draft.email !== null)) return false;
      if (phone !== undefined) return true;
      // A name alone does not make two people one: without a number, the row must say nothing new.
      const isSame = draft.companyId === companyId && draft.jobTitle === (jobTitle ?? null);
      return isSame && email === undefined && draft.email === null;
    });
  }

  for (const { companyName, ...contact } of contacts) {
    add({ ...contact, companyName, before: { ...contact } });
  }
  return {
    add,
    find(row, companyId) {
      const draft = byId.get(row.id ?? '') ?? (row.email === undefined ? undefined : withAddress(row));
      if (draft === 'several') return draft;
      const namesake = draft ? undefined : withName(row, companyId);
      const found = draft ?? namesake;
      return found && { draft: found, isNamesake: namesake !== undefined };
    },
  };
}

function nameKey({ name, phone }: { name: string; phone?: string | null | undefined }): string {
  return `${foldPhone(phone)}\n${fold(name)}`;
}

function setOf(map: Map<string, Set<Draft>>, key: string): Set<Draft> {
  const set = map.get(key) ?? new Set<Draft>();
  map.set(key, set);
  return set;
}
