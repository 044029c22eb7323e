/** The fields of a contact from the cells of a row. */
import { idSchema, textSchema } from '../../../platform/http/index.ts';
import { newContactSchema } from '../../contacts/schema.ts';
import type { Cells } from './cells.ts';
import type { ContactValues } from './plan.ts';

const { name, email, phone, jobTitle } = newContactSchema.shape;

/** Reads a contact. */
export function contactValues(cells: Cells): ContactValues {
  const parts = ['firstName', 'middleName', 'lastName'] as const;
  const whole = cells.first('name') ?? cells.first('displayName');
  const said = parts.flatMap((part) => cells.first(part) ?? []).join(' ');
  return {
    id: cells.valid('id', cells.first('id'), idSchema),
    name: cells.valid('name', whole ?? (said || undefined), name),
    email: cells.valid('email', cells.first('email'), email) ?? undefined,
    phone: cells.valid('phone', cells.first('phone'), phone) ?? undefined,
    jobTitle: cells.valid('jobTitle', cells.first('jobTitle'), jobTitle) ?? undefined,
    company: cells.valid('company', cells.first('company'), textSchema(200)),
    owner: cells.first('owner'),
  };
}
