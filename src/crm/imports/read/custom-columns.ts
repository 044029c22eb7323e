/**
 * The columns of custom fields. A column fills the field that it names: as `custom.<key>`, by the field's name, or by its
 * key. Case, accents and signs do not matter, unless they decide between several fields.
 */
import type { Field } from '../../fields/field.ts';
import type { Candidate } from './candidate.ts';
import { folded } from './fold.ts';
import { columnName } from './header.ts';

/** Returns the fields that a column names: several if nothing decides between them. */
export type FieldsNamed = (column: string, isOwn?: boolean) => readonly Field[];

/**
 * Returns the function that finds the fields of a column. The first of these names that any field has counts:
 * `custom.<key>`, the field's name, its name without signs, its key without signs. Exported files use the first two.
 */
export function namesOf(fields: readonly Field[]): FieldsNamed {
  const keyed = Map.groupBy(fields, ({ key }) => `custom.${key}`);
  const exact = Map.groupBy(fields, ({ name }) => columnName(name));
  const bareName = Map.groupBy(fields, ({ name }) => bare(name));
  const bareKey = Map.groupBy(fields, ({ key }) => bare(key));
  return (column, isOwn = false) => {
    if (fields.length === 0 || column === '') return [];
    const found = keyed.get(column.toLowerCase()) ?? exact.get(column);
    if (found || isOwn) return found ?? [];
    const name = bare(column);
    return bareName.get(name) ?? bareKey.get(name) ?? [];
  };
}

function bare(name: string): string {
  // A name of signs alone is itself.
  return folded(name).replace(/[^\p{L}\p{N}]/gu, '') || name;
}

/**
 * Gives columns to custom fields. A column whose whole name means another field keeps that field, and the plan asks
 * about it. So a new definition does not change how a file is read. Changes the candidates.
 * @param isOwn the file was exported by this project, so the columns behind `Id` are those of custom fields.
 */
export function decideCustomColumns(candidates: readonly Candidate[], fieldsNamed: FieldsNamed, isOwn: boolean): void {
  const id = isOwn ? candidates.findIndex(({ column }) => column === 'Id') : candidates.length;
  for (const [index, candidate] of candidates.entries()) {
    const { column, field } = candidate;
    const isBehind = index > id;
    const isFree = isBehind || field === null || (candidate.source !== 'system' && candidate.source !== 'word');
    const named = fieldsNamed(column, isOwn);
    if (named.length === 0 || field === 'id' || (isOwn && !isFree)) continue;
    const namesakes = candidates.filter((other, at) => at > id && other.column === column);
    // Fields of one name are exported in the order of their definition.
    const isComplete = isBehind && namesakes.length === named.length;
    const custom = named.length === 1 ? named[0] : isComplete ? named[namesakes.indexOf(candidate)] : undefined;
    if (custom && isFree) {
      Object.assign(candidate, { custom, field: null, rank: 0, reason: 'has the name of a custom field' });
    } else {
      const keys = named.map(({ key }) => `custom.${key}`).join(', ');
      const message = isFree
        ? `The column has the name of several custom fields: ${keys}. Which one does it fill?`
        : `The column fills ${field}, but has the name of a custom field too. Should it fill ${keys}?`;
      candidate.question = { column, code: 'CUSTOM_FIELD_AMBIGUOUS', message };
      if (isFree) Object.assign(candidate, { field: null, reason: 'has the name of several custom fields' });
    }
  }
}
