/** The records of each kind, as far as an import reads them. */
import type { Stage } from '../../deals/schema.ts';
import type { ImportKind } from '../read/plan.ts';

/** The columns of a contact that an import reads. */
export type ContactRecord = {
  id: string;
  /** The values of custom fields by the ids of the fields, as JSON. */
  custom: string;
  name: string;
  email: string | null;
  phone: string | null;
  jobTitle: string | null;
  companyId: string | null;
  ownerId: string | null;
};

/** The columns of a company that an import reads. */
export type CompanyRecord = {
  id: string;
  /** The values of custom fields by the ids of the fields, as JSON. */
  custom: string;
  name: string;
  domain: string | null;
  industry: string | null;
  employees: number | null;
  city: string | null;
  country: string | null;
  ownerId: string | null;
};

/** The columns of a deal that an import reads. */
export type DealRecord = {
  id: string;
  /** The values of custom fields by the ids of the fields, as JSON. */
  custom: string;
  title: string;
  stage: Stage;
  /** A decimal number with the places of its currency. */
  value: string;
  valuePlaces: number;
  companyId: string | null;
  contactId: string | null;
  ownerId: string | null;
  /** A day, for example `2026-11-20`. */
  expectedCloseDate: string | null;
  /** A moment in UTC, as `createdAt`. */
  closedAt: string | null;
  createdAt: string;
};

/** The records by the kind of file. */
export interface Records {
  contacts: ContactRecord;
  companies: CompanyRecord;
  deals: DealRecord;
}

/** The name of a column of a record. */
export type ColumnOf<Kind extends ImportKind> = keyof Records[Kind] & string;

/** The names of the records that a record refers to. */
export type Names = { company?: string | null; contact?: string | null; owner?: string | null };

/** The new state of a record. */
export interface Draft<Kind extends ImportKind> {
  /** The old state; `null` for a new record. */
  before: Records[Kind] | null;
  record: Records[Kind];
  names: Names;
}
