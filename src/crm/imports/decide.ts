/** Decides what the rows of a file change. Nothing is written, so a dry run decides in the same way. */
import { fold } from '../../platform/text/index.ts';
import { type ContactRow, companiesOf, contactsOf, type KnownContact, type Source } from './known.ts';
import { createMatcher, type Draft } from './matcher.ts';
import type { Rejection } from './rejection.ts';

/** The fields that a row may change. */
export const CHANGEABLE = ['name', 'email', 'phone', 'jobTitle', 'companyId'] as const;
export type Changeable = (typeof CHANGEABLE)[number];

/** The old values of the fields that a row changes; of the company, its old name. */
export type Changes = Partial<Record<Exclude<Changeable, 'companyId'> | 'company', string | null>>;

/** The outcome of a row. */
export interface Decision {
  row: number;
  outcome: 'imported' | 'updated' | 'unchanged' | 'rejected';
  /** The contact after the row, with the name of its company; `null` if the row is rejected. */
  contact: (KnownContact & { companyName: string | null }) | null;
  changes: Changes;
  /** The reasons why the row, or one of its fields, is not imported. */
  rejections: Rejection[];
}

/** The decisions about a batch of rows, and the rows to write. */
export interface Decided {
  decisions: Decision[];
  /** The new contacts, and the contacts that change. */
  drafts: Draft[];
  companies: { id: string; name: string }[];
}

/** Whether companies that do not exist are added, and how new rows get their ids. */
export interface DecideOptions {
  createCompanies: boolean;
  rowId(kind: 'contact' | 'company'): string;
  /** Whether the contacts are locked until the end of the transaction. */
  lock: boolean;
}

/** Decides about rows. 2 statements for any number of rows. */
export async function decideRows(
  source: Source,
  rows: readonly ContactRow[],
  { createCompanies, rowId, lock }: DecideOptions,
): Promise<Decided> {
  const matcher = createMatcher(await contactsOf(source, rows, lock));
  const companies = await companiesOf(source, rows);
  const drafts = new Set<Draft>();
  const added: { id: string; name: string }[] = [];

  function companyOf(name: string): string | null {
    const folded = fold(name);
    const found = companies.get(folded);
    if (found !== undefined || !createCompanies) return found ?? null;
    const id = rowId('company');
    companies.set(folded, id);
    added.push({ id, name });
    return id;
  }

  function decide(row: ContactRow): Decision {
    const known = row.company === undefined ? undefined : companies.get(fold(row.company));
    const found = matcher.find(row, known ?? null);
    const rejections: Rejection[] = [];
    const refuse = (field: string, message: string, kept: boolean) =>
      rejections.push({ row: row.row, field, message, kept });
    if (found === 'several') refuse('email', 'belongs to several contacts', false);
    else if (!found && row.name === undefined) refuse('name', 'is required for a new contact', false);
    if (rejections.length > 0 || found === 'several') {
      return { row: row.row, outcome: 'rejected', contact: null, changes: {}, rejections };
    }
    const match = found?.draft;
    // A contact keeps its company if several companies have the name.
    const keepsCompany =
      row.company === undefined || (match?.companyName && fold(match.companyName) === fold(row.company));
    const companyId = keepsCompany ? undefined : companyOf(row.company ?? '');
    if (companyId === null) refuse('company', 'is not a known company', true);
    const draft = match ?? newDraft(rowId('contact'));
    const said = found?.isNamesake ? { ...row, name: undefined, phone: undefined } : row;
    const changes = change(draft, said, companyId ?? undefined);
    if (companyId) draft.companyName = row.company ?? null;
    matcher.add(draft);
    const isChanged = Object.keys(changes).length > 0;
    if (isChanged) drafts.add(draft);
    const { before: _before, ...contact } = draft;
    const outcome = !match ? 'imported' : isChanged ? 'updated' : 'unchanged';
    return { row: row.row, outcome, contact, changes, rejections };
  }

  return { decisions: rows.map(decide), drafts: [...drafts], companies: added };
}

function newDraft(id: string): Draft {
  const empty = { name: '', email: null, phone: null, jobTitle: null, companyId: null, ownerId: null };
  return { id, ...empty, companyName: null, before: null };
}

/** Copies the row's fields to a draft, and returns the old values of the fields that changed. */
function change(draft: Draft, row: ContactRow, companyId: string | undefined): Changes {
  const { name, halfName, email, phone, jobTitle } = row;
  // Half a name does not replace a whole one; only a new contact gets it.
  const whole = halfName && draft.name !== '' ? undefined : name;
  const said = { name: whole, email, phone, jobTitle, companyId };
  const changes: Changes = {};
  for (const field of CHANGEABLE) {
    const value = said[field];
    if (value === undefined || value === draft[field]) continue;
    if (field === 'companyId') changes.company = draft.companyName;
    else changes[field] = draft[field];
    Object.assign(draft, { [field]: value });
  }
  return changes;
}
