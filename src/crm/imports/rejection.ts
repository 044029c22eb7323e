/** The reasons why rows, or only some of their fields, are not imported; and these rows as CSV, to mend them. */
import { csvRow } from '../../platform/rest/index.ts';
import type { FilePlan, ReadRow, SourceRow } from './read/plan.ts';

/** The reason why a row, or only one of its fields, was not imported. */
export interface Rejection {
  row: number;
  field: string;
  message: string;
  /** True if the rest of the row was imported. */
  kept: boolean;
}

/** The parts of a row's outcome on which its reasons depend. */
interface Outcome {
  outcome: string;
  rejections: readonly Rejection[];
}

/** Returns the reasons of a row: those of its reading first, then those of its outcome about other fields. */
export function reasonsOf({ row, problems }: ReadRow, decision: Outcome | undefined): Rejection[] {
  const kept = decision !== undefined && decision.outcome !== 'rejected';
  const more = decision?.rejections ?? [];
  return [
    ...problems.map((problem) => ({ row, ...problem, kept })),
    ...more.filter(({ field }) => !problems.some((problem) => problem.field === field)),
  ];
}

/**
 * Returns the first line of the file of rejected rows. The first column has the id of the record to which the rest of
 * the row was imported, so that the mended file changes that record.
 */
export function rejectedHeader({ columns }: Pick<FilePlan, 'columns'>): string {
  return `\uFEFF${csvRow(['Id', ...columns.map(({ column }) => column), 'Row', 'Reason'])}`;
}

/** Returns the rows that have rejections as CSV, with the reasons in the last column. */
export function rejectedRows(
  { columns }: FilePlan,
  rows: readonly SourceRow[],
  rejections: readonly Rejection[],
  decisions: ReadonlyMap<number, { id: string | null }>,
): string {
  const reasons = new Map<number, string[]>();
  for (const { row, field, message } of rejections) {
    reasons.set(row, [...(reasons.get(row) ?? []), field === 'row' ? message : `${field}: ${message}`]);
  }
  const lines = rows.flatMap(({ row, cells }) => {
    const said = reasons.get(row);
    // A row may have more cells than the header names; these come after the reason, so that no cell is lost.
    const more = cells.slice(columns.length);
    const own = columns.map((_, index) => cells[index] ?? '');
    return said ? [csvRow([decisions.get(row)?.id ?? '', ...own, String(row), said.join('; '), ...more])] : [];
  });
  return lines.join('');
}
