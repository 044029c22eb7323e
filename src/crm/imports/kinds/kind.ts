/**
 * The description of a kind of record that files contain: its table, its fields, how a row finds its record, and its
 * events. The import, its dry run and its undo work with this description alone.
 */
import type { Transaction } from '../../../platform/db/index.ts';
import type { Tag } from '../../../platform/redis/index.ts';
import type { ImportKind, Values } from '../read/plan.ts';
import type { ColumnOf, Draft, Names, Records } from './records.ts';
import type { KindTable, Source } from './table.ts';

/** The usable fields of a row of the file. Rows of companies name no other company. */
export type Row<Kind extends ImportKind> = Values[Kind] & { row: number; company?: string };

/** The company that a row names. */
export interface RowCompany {
  /** The id of the company that is known; `null` without one. */
  id: string | null;
  /** The name, if the record will have this company; `null` if it is left out. */
  name: string | null;
}

/** The record of a row. */
export interface Match<Kind extends ImportKind> {
  draft: Draft<Kind>;
  /**
   * True if the row has found the record by weak signs, such as a name. Then the row does not change the fields of
   * these signs.
   */
  isNamesake: boolean;
}

/** The reason why a row, or a field of it, cannot be used. */
export interface Refusal {
  field: string;
  message: string;
}

/** The values that a row gives its record. A column without a value stays as it is. */
export interface Said<Kind extends ImportKind> {
  values: Partial<Records[Kind]>;
  names: Names;
  /** The fields that are left out. */
  refused: Refusal[];
}

/** The records of a tenant, and those of earlier rows, by the values that rows name. */
export interface Matcher<Kind extends ImportKind> {
  /** Returns the record of a row; `undefined` if none fits, a refusal if several do. */
  find(row: Row<Kind>, company: RowCompany): Match<Kind> | Refusal | undefined;
  /** Returns the values that a row gives a record, without its company, which is decided before. */
  say(row: Row<Kind>, match: Match<Kind>): Said<Kind>;
  /** Returns a record with nothing but its id and defaults. */
  empty(id: string): Records[Kind];
  /** Makes a record findable by its present values. */
  add(draft: Draft<Kind>): void;
}

/** A written record; `after` is null for a removed one. */
export interface Written<Kind extends ImportKind> {
  before: Records[Kind] | null;
  after: Records[Kind] | null;
  /** The changed fields of a record that existed before the write and still exists after it. */
  fields: readonly string[];
}

/** The circumstances in which rows are decided about. */
export interface Occasion {
  /** The time, in ms since the epoch. */
  now: number;
}

/** The description of a kind. */
export interface ImportedKind<Kind extends ImportKind> {
  kind: Kind;
  /** One record in answers and activities; also the prefix of its id. */
  entity: 'contact' | 'company' | 'deal';
  table: KindTable<Kind>;
  /** The columns that rows change, in the order of answers. */
  fields: readonly ColumnOf<Kind>[];
  /** The columns that follow from the fields, and change with them. */
  derived: readonly ColumnOf<Kind>[];
  /** The column without which there is no new record. */
  title: ColumnOf<Kind> & ('name' | 'title');
  /** The SQL query of the ids of records that rows may be about. `$1` is the tenant; the values begin with `$3`. */
  candidates: { sql: string; values(rows: readonly Row<Kind>[]): unknown[] };
  /** Opens a matcher of the records that were found, in the order of their ids. Some statements for any number of rows. */
  open(
    source: Source,
    rows: readonly Row<Kind>[],
    found: readonly Draft<Kind>[],
    occasion: Occasion,
  ): Promise<Matcher<Kind>>;
  /** The references to a record that prevent an undo from removing it, each with the reason that is listed. */
  use: { columns: readonly (readonly [table: string, column: string])[]; reason: string };
  tags: {
    all: Tag;
    /** The tag for records that were added or removed, if it has one. */
    set?: Tag;
    /** The tag of values that show a record by its title, if there are any. */
    names?: Tag;
    one(id: string): Tag;
    of(record: Records[Kind]): Tag[];
  };
  /** Appends the events of written records: as if a user had written each. */
  append(tx: Transaction, written: readonly Written<Kind>[], actorId: string | null): Promise<void>;
}
