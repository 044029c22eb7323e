/**
 * A row as fields: the cells of each field, the first filled one of columns that mean the same, and the rules of the
 * kind. A field that cannot be used is left out with its reason and costs no other field.
 */

import { withoutApostrophe } from '../../../platform/rest/index.ts';
import type { Field as CustomField } from '../../fields/field.ts';
import { Cells, type FilledCell } from './cells.ts';
import { clean, isPlaceholder } from './clean.ts';
import { companyValues } from './company.ts';
import { contactValues } from './contact.ts';
import { type CustomCell, readCustom } from './custom.ts';
import { dealValues } from './deal.ts';
import { OWN_SYSTEM } from './own-file.ts';
import type { Field, FilePlan, ImportKind, PlannedColumn, ReadRow, SourceRow, Values } from './plan.ts';

const READ: { [Kind in ImportKind]: (cells: Cells) => Values[Kind] } = {
  contacts: contactValues,
  companies: companyValues,
  deals: dealValues,
};

/**
 * Reads a row with the plan of its file.
 * @param fields the present custom fields, by default those of the plan.
 */
export function readRow<Kind extends ImportKind>(
  source: SourceRow,
  plan: FilePlan<Kind>,
  fields: readonly CustomField[] = customFieldsOf(plan),
): ReadRow<Kind> {
  const { row } = source;
  const refused = (message: string) => ({ row, values: null, problems: [{ field: 'row', message }] });
  if (source.problem !== undefined) return refused(source.problem);
  if (source.cells.slice(plan.columns.length).some((cell) => clean(cell) !== '')) {
    return refused('has more cells than the header: is a comma not in quotes?');
  }
  const isExact = plan.system === OWN_SYSTEM;
  const filled = new Map<Field, FilledCell[]>();
  const ownCells: CustomCell[] = [];
  for (const [index, column] of inOrderOfPreference(plan.columns)) {
    const cell = source.cells[index] ?? '';
    if (column.custom) {
      const exact = isExact ? { exact: withoutApostrophe(cell) } : {};
      ownCells.push({ cell, ...exact, column: { ...column, custom: column.custom }, language: plan.language });
    }
    if (!column.field) continue;
    if (cell.includes('\uFFFD')) return refused(`was damaged by a change of encoding, in “${column.column}”`);
    const text = isExact ? withoutApostrophe(cell) : clean(cell);
    const isEmpty = text === '' || (!isExact && isPlaceholder(text, NAMES.has(column.field)));
    if (!isEmpty) filled.set(column.field, [...(filled.get(column.field) ?? []), { text, column }]);
  }
  const cells = new Cells(plan, filled);
  const values = READ[plan.kind](cells);
  const own = readCustom(ownCells, fields);
  if (Object.keys(own.values).length > 0) values.custom = own.values;
  return { row, values, problems: [...cells.problems, ...own.problems] };
}

/** Returns the custom fields that columns of a file fill, as they were when the file was planned. */
export function customFieldsOf({ columns }: Pick<FilePlan, 'columns'>): CustomField[] {
  return [...new Map(columns.flatMap(({ custom }) => (custom ? [[custom.id, custom] as const] : []))).values()];
}

/** Fields in which `None` and `Null` can be names of people. */
const NAMES = new Set<Field>(['name', 'firstName', 'middleName', 'lastName', 'displayName', 'contact', 'title']);

function inOrderOfPreference(columns: readonly PlannedColumn[]): [number, PlannedColumn][] {
  return [...columns.entries()].sort(([, one], [, other]) => (one.rank ?? 0) - (other.rank ?? 0));
}
