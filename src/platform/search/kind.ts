/**
 * A kind of rows that can be searched. A product declares which columns are searched; triggers made from the declaration
 * keep the entries of the rows in the transaction that writes the rows.
 */
import { allows, type Right } from '../http/index.ts';

/** The declaration of a kind. Columns are named as in the database. */
export interface SearchKind {
  /** The name of the kind in lower case, such as `contact`. */
  kind: string;
  /** The table, with the columns `tenant_id` and `id`. */
  table: string;
  /** The right that a caller needs to find rows of this kind. */
  access: Right;
  /** The column with the name of a row. Its words weigh most. */
  title: string;
  /** Columns of addresses and domains, whose parts are searched. */
  addresses?: readonly string[];
  /** Columns of further texts. The first 1,000 characters are searched. */
  details?: readonly string[];
  /** Columns of telephone numbers, of which any four or more digits are found. */
  phones?: readonly string[];
  /** Columns of type `jsonb`, an object whose values are searched as details. */
  json?: readonly string[];
  /** Columns by which a search can be filtered, by the name of the filter. */
  labels?: Readonly<Record<string, string>>;
}

/** Returns the kinds that a caller with the rights may find, and that have every label of a filter. */
export function findableKinds(
  kinds: readonly SearchKind[],
  { rights, labels }: { rights: readonly string[]; labels: readonly string[] },
): SearchKind[] {
  return kinds.filter(
    (kind) => allows(rights, kind.access) && labels.every((label) => kind.labels?.[label] !== undefined),
  );
}
