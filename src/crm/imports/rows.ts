/** Turns the cells of a row into the fields of a contact, or into the reasons for a rejection. */
import { z } from '@hono/zod-openapi';
import { textSchema } from '../../platform/http/index.ts';
import { newContactSchema } from '../contacts/schema.ts';
import type { Column, WaitingRow } from './file.ts';

/** The reason why a row, or only one of its fields, was not imported. */
export interface Rejection {
  row: number;
  field: string;
  message: string;
  /** True if the rest of the row was imported. */
  kept: boolean;
}

/** The fields of a row. Missing fields stay unchanged. */
export interface ContactRow {
  row: number;
  /** The id of a contact of this tenant, or the id of another system. */
  id?: string | undefined;
  name?: string | undefined;
  /** True if the name is only a first name or only a last name. */
  halfName?: boolean;
  email?: string | undefined;
  phone?: string | undefined;
  jobTitle?: string | undefined;
  company?: string | undefined;
}

const { name, phone, jobTitle } = newContactSchema.shape;
const rowSchema = z.object({
  id: z.string().optional(),
  name: name.optional(),
  email: z.email().max(254).toLowerCase().optional(),
  phone: phone.unwrap().unwrap().optional(),
  jobTitle: jobTitle.unwrap().unwrap().optional(),
  company: textSchema(200).optional(),
});

/** Reads a row of a file with these columns. Returns the fields, or the reasons for a rejection. */
export function readRow([row, cells]: WaitingRow, columns: readonly Column[]): ContactRow | Rejection[] {
  const reject = (field: string, message: string) => ({ row, field, message, kept: false });
  if (!cells) return [reject('row', 'has more cells than the header: is a comma not in quotes?')];
  const kept = columns.flatMap(({ field }) => field ?? []);
  const said = Object.fromEntries(kept.flatMap((field, index) => (cells[index] ? [[field, cells[index]]] : [])));
  const parts = [said['firstName'], said['lastName']].filter(Boolean);
  const whole = said['name'] ?? parts.join(' ');
  const parsed = rowSchema.safeParse({ ...said, name: whole === '' ? undefined : whole });
  if (parsed.success) return { row, ...parsed.data, halfName: said['name'] === undefined && parts.length === 1 };
  return parsed.error.issues.map(({ path, message }) => reject(String(path[0]), message));
}
