/** The kinds of rows that can be exported: which rows a filter chooses, and how a row becomes cells. */
import type { z } from '@hono/zod-openapi';
import type { TransactionClient } from '../../platform/db/index.ts';
import type { FieldKind } from '../fields/field.ts';
import type { AskedValues } from '../fields/filter.ts';
import type { ListPart } from '../search/list.ts';

/** A row of a file. The id says where the next part begins. */
export interface ExportedRow {
  id: string;
  /** Values of custom fields by the ids of the fields. */
  custom?: unknown;
  cells: readonly (string | null)[];
}

/** The declaration of a kind. */
export interface ExportTable {
  kind: 'contacts' | 'companies' | 'deals' | 'tasks';
  /** The filters of the list, which choose the exported rows. */
  filter: z.ZodObject<Record<string, z.ZodOptional<z.ZodType<string>>>>;
  /** The kind of the rows' custom fields; each field is a column behind the others. */
  custom?: FieldKind;
  /** The names of the columns. Imports recognise these names. */
  columns: readonly string[];
  /** Reads the rows of a part. `filter` is the stored filter, which was checked by the schema. */
  read: (part: ListPart & { client: TransactionClient }, filter: unknown, asked: AskedValues) => Promise<ExportedRow[]>;
}

/** Returns the rows of a part: those of a tenant after an id, in the order of their ids. */
export function rowsOf({ tenant, after = '', limit }: ListPart) {
  return { where: { tenantId: tenant, id: { gt: after } }, take: limit, orderBy: { id: 'asc' } } as const;
}

/** Reads the name of a related row only. */
export const named = { select: { name: true } } as const;

/** Reads the title of a related row only. */
export const titled = { select: { title: true } } as const;
