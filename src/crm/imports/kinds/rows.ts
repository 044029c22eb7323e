/** The usable rows of a file. */
import type { ImportKind, ReadRow } from '../read/plan.ts';
import type { Row } from './kind.ts';

/** Returns the rows that can be used, with their numbers. */
export function goodRows<Kind extends ImportKind>(read: readonly ReadRow<Kind>[]): Row<Kind>[] {
  return read.flatMap(({ row, values }) => (values ? [{ ...values, row }] : []));
}
