/**
 * The values of custom fields in records of imports, as the text of the column. PostgreSQL and this code order and space
 * the text differently, so an undo compares canonical texts (RFC 8785).
 */
import canonicalize from 'canonicalize';
import type { Field, StoredValues } from '../../fields/field.ts';

/** The text of a record without values. */
export const NO_VALUES = '{}';

/** The column of the values in the table of a kind. */
export const customColumn = { name: 'custom', type: 'text', read: 't.custom::text', cast: 'jsonb' } as const;

/** Returns the values in a text of the column. */
export function valuesIn(text: string): StoredValues {
  return text === NO_VALUES ? {} : (JSON.parse(text) as StoredValues);
}

/** Returns the canonical text of values. */
export function textOfValues(values: StoredValues): string {
  return canonicalize(values) ?? NO_VALUES;
}

/** Returns the canonical text of a text of the column, without the values of fields that are not among these. */
export function knownText(text: string, fields: readonly Field[]): string {
  if (text === NO_VALUES) return text;
  const values = Object.entries(valuesIn(text)).filter(([id]) => fields.some((field) => field.id === id));
  return textOfValues(Object.fromEntries(values));
}

/** Whether a text of the column has these values of a row. */
export function hasValues(text: string, said: StoredValues = {}): boolean {
  const values = valuesIn(text);
  return Object.entries(said).every(([id, value]) => values[id] === value);
}

/** Returns the name of a field in files, mappings, answers and events. */
export function nameOfField({ key }: Pick<Field, 'key'>): `custom.${string}` {
  return `custom.${key}`;
}

/** Returns the names of those of the fields whose values differ between two texts of the column. */
export function changedFieldNames(before: string, after: string, fields: readonly Field[]): string[] {
  if (before === after) return [];
  const [old, now] = [valuesIn(before), valuesIn(after)];
  return fields.filter(({ id }) => old[id] !== now[id]).map(nameOfField);
}
