/**
 * The plan of a file: how its bytes become rows, and which column fills which field. A plan is plain JSON. It is made
 * once from the beginning of the file, shown to people by a dry run, stored, and used for every row.
 */
import type { Field as CustomField, CustomValue } from '../../fields/field.ts';

/** The fields that columns of each kind of file can fill. */
export const fieldsOf = {
  contacts: [
    'id',
    'name',
    'firstName',
    'middleName',
    'lastName',
    'displayName',
    'salutation',
    'suffix',
    'email',
    'phone',
    'jobTitle',
    'company',
    'owner',
  ],
  companies: ['id', 'name', 'domain', 'industry', 'employees', 'city', 'country', 'owner'],
  deals: [
    'id',
    'title',
    'stage',
    'value',
    'currency',
    'company',
    'contact',
    'contactEmail',
    'expectedCloseDate',
    'owner',
  ],
} as const;

/** The records that a file contains. */
export type ImportKind = keyof typeof fieldsOf;
export const importKinds = Object.keys(fieldsOf) as ImportKind[];
/** A field that a column of a file of this kind can fill. */
export type Field<Kind extends ImportKind = ImportKind> = (typeof fieldsOf)[Kind][number];

/** The name of a custom field in mappings and answers: `custom.` and its key. */
export type CustomName = `custom.${string}`;

/** Whether a name is that of a custom field. */
export function isCustomName(name: string | null): name is CustomName {
  return name?.startsWith('custom.') ?? false;
}

/** The caller's knowledge of a file. */
export interface FileOptions<Kind extends ImportKind = ImportKind> {
  kind: Kind;
  /** The `charset` of the request's content type: a label of the Encoding standard, for example `windows-1252`. */
  charset?: string;
  /** The field of a column, by the name of the column as the file writes it; `null` for a column to leave out. */
  mapping?: Readonly<Record<string, Field<Kind> | CustomName | null>>;
  /** The custom fields of the kind, in the order of their definition. */
  fields?: readonly CustomField[];
}

/** A column of the file and the field that it fills; `field` is null for a column that fills none. */
export interface PlannedColumn<Kind extends ImportKind = ImportKind> {
  /** The name as the file writes it, without surrounding blanks, at most 100 characters. */
  column: string;
  field: Field<Kind> | null;
  /** The custom field that the column fills, as it was defined when the file was planned; then `field` is null. */
  custom?: CustomField;
  /** The reason for the choice, as a text for people. */
  reason?: string;
  /** The place among the columns of the same field, 0 for the best. The first filled cell in this order is used. */
  rank?: number;
  /** The decimal sign of the amounts in this column. */
  decimal?: '.' | ',';
  /** The order of day, month and year in this column. */
  dateOrder?: DateOrder;
}

export type DateOrder = 'dmy' | 'mdy' | 'ymd';

export const questionCodes = [
  ...(['ADDRESSES_FOUND', 'ADDRESSES_UNUSED', 'PHONES_FOUND', 'PHONES_UNUSED', 'COLUMN_UNKNOWN'] as const),
  ...(['DATES_AMBIGUOUS', 'DECIMALS_AMBIGUOUS', 'CUSTOM_FIELD_AMBIGUOUS', 'CUSTOM_FIELD_UNKNOWN'] as const),
] as const;

/** A choice that a person should confirm before the import. */
export interface Question {
  column: string;
  message: string;
  code: (typeof questionCodes)[number];
}

/** The way from the bytes of a file to its fields. */
export interface FilePlan<Kind extends ImportKind = ImportKind> {
  kind: Kind;
  /** A label of the Encoding standard, for `TextDecoder`. */
  encoding: string;
  separator: ',' | ';' | '\t' | '|';
  /** The number of the row that names the columns; the first row of the file is 1. */
  headerRow: number;
  /** The system that wrote the file, if its columns are known, for example `Pipedrive`. */
  system: string | null;
  /** The language of the column names, for example `de`. */
  language: string | null;
  columns: PlannedColumn<Kind>[];
  questions: Question[];
}

/** A row of the file with all its cells as they are written. */
export interface SourceRow {
  /** The number in the file. Every row counts, also the header and empty rows; the first row is 1. */
  row: number;
  cells: string[];
  /** The reason why the cells are not reliable. */
  problem?: string;
}

/** The values of custom fields by the ids of their fields. Options of choices are not checked yet. */
interface WithCustom {
  custom?: Readonly<Record<string, CustomValue>>;
}

export interface ContactValues extends WithCustom {
  id?: string;
  name?: string;
  /** The name is only a part of a name, or the company or address of a contact without a name. It must not replace a known name. */
  halfName?: true;
  email?: string;
  phone?: string;
  jobTitle?: string;
  company?: string;
  /** The name or address of a user, as the file writes it. */
  owner?: string;
}

export interface CompanyValues extends WithCustom {
  id?: string;
  name?: string;
  /** The name is the domain of a company without a name. It must not replace a known name. */
  halfName?: true;
  domain?: string;
  industry?: string;
  employees?: number;
  city?: string;
  country?: string;
  owner?: string;
}

export interface DealValues extends WithCustom {
  id?: string;
  title?: string;
  stage?: 'lead' | 'qualified' | 'proposal' | 'negotiation' | 'won' | 'lost';
  /** A decimal number with a point and without group signs, for example `1200.5`. */
  value?: string;
  /** A currency of ISO 4217, if the file names it. */
  currency?: string;
  company?: string;
  contact?: string;
  contactEmail?: string;
  /** A day, for example `2026-11-20`. */
  expectedCloseDate?: string;
  /** The moment in UTC of which `expectedCloseDate` is the day, if the file has one: the tenant's day can be another. */
  closeMoment?: string;
  owner?: string;
}

/** The fields that a row fills. A field without a value stays as it is. */
export interface Values {
  contacts: ContactValues;
  companies: CompanyValues;
  deals: DealValues;
}

export interface Problem {
  field: string;
  message: string;
}

/** A row as fields. */
export interface ReadRow<Kind extends ImportKind = ImportKind> {
  row: number;
  /** The usable fields; `null` if the row cannot be used at all, for a reason in `problems`. */
  values: Values[Kind] | null;
  /** The fields that were left out, with their reasons. */
  problems: Problem[];
}
