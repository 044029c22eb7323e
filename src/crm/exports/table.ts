/** The kinds of rows that can be exported: which rows a filter chooses, and how a row becomes cells. */
import type { z } from '@hono/zod-openapi';
import type { TransactionClient } from '../../platform/db/index.ts';
import type { FieldKind } from '../fields/field.ts';

/** A row of a file. The id says where the next part begins. */
export interface ExportedRow {
  id: string;
  /** Values of custom fields by the ids of the fields. */
  custom?: unknown;
  cells: readonly (string | null)[];
}

/** The rows of one part: those of a tenant after an id, in the order of their ids. */
export interface PartOfTable {
  tenantId: string;
  id: { gt: string };
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
  /** Reads at most `take` rows of a part. `filter` is the stored filter, which was checked by the schema. */
  read: (db: TransactionClient, part: PartOfTable, filter: unknown, take: number) => Promise<ExportedRow[]>;
}

/** The order of the rows of a part. */
export const inOrder = { orderBy: { id: 'asc' } } as const;

/** Reads the name of a related row only. */
export const named = { select: { name: true } } as const;

/** Reads the title of a related row only. */
export const titled = { select: { title: true } } as const;
