/** Turns the cells of a row into the fields of a contact, or into the reasons for a rejection. */
import { z } from '@hono/zod-openapi';
import { emailSchema, textSchema } from '../../platform/http/index.ts';
import { newContactSchema } from '../contacts/schema.ts';
import type { Column, WaitingRow } from './file.ts';

/** A reason for the rejection of a row. */
export interface Rejection {
  row: number;
  field: string;
  message: string;
}

/** The fields of a row. Missing fields stay unchanged. */
export interface ContactRow {
  row: number;
  name?: string | undefined;
  email?: string | undefined;
  phone?: string | undefined;
  jobTitle?: string | undefined;
  company?: string | undefined;
}

const { name, phone, jobTitle } = newContactSchema.shape;
const rowSchema = z.object({
  name: name.optional(),
  email: emailSchema.optional(),
  phone: phone.unwrap().unwrap().optional(),
  jobTitle: jobTitle.unwrap().unwrap().optional(),
  company: textSchema(200).optional(),
});

/** Reads a row of a file with these columns. Returns the fields, or the reasons for a rejection. */
export function readRow([row, cells]: WaitingRow, columns: readonly Column[]): ContactRow | Rejection[] {
  if (!cells) return [{ row, field: 'row', message: 'has more cells than the header: is a comma not in quotes?' }];
  const kept = columns.flatMap(({ field }) => field ?? []);
  const said = Object.fromEntries(kept.flatMap((field, index) => (cells[index] ? [[field, cells[index]]] : [])));
  const whole = said['name'] ?? [said['firstName'], said['lastName']].filter(Boolean).join(' ');
  const parsed = rowSchema.safeParse({ ...said, name: whole === '' ? undefined : whole });
  if (parsed.success) return { row, ...parsed.data };
  return parsed.error.issues.map(({ path, message }) => ({ row, field: String(path[0]), message }));
}
