/** The fields of a contact from the cells of a row. */
import { idSchema, textSchema } from '../../../platform/http/index.ts';
import { newContactSchema } from '../../contacts/schema.ts';
import type { Cells } from './cells.ts';
import { readName } from './names.ts';
import type { ContactValues } from './plan.ts';
import { readAddress, readPhone } from './reach.ts';

const { name, email, phone, jobTitle } = newContactSchema.shape;
const companyName = textSchema(200);

/** Reads a contact. A contact without a name is called by its company, or else by its address. */
export function contactValues(cells: Cells): ContactValues {
  const values: ContactValues = {
    id: idSchema.safeParse(cells.first('id')).data,
    email: readAddress(cells, 'email', (text) => email.safeParse(text).data ?? undefined),
    phone: readPhone(cells, (text) => phone.safeParse(text).data ?? undefined),
    jobTitle: cells.valid('jobTitle', cells.first('jobTitle'), jobTitle) ?? undefined,
    company: cells.valid('company', companyIn(cells), companyName),
    owner: cells.first('owner'),
  };
  const said = readName(cells, cells.plan.language);
  const known = said && cells.valid('name', said.name, name);
  const called = known ?? values.company ?? values.email;
  if (called !== undefined) values.name = called;
  if (called !== undefined && (!known || said?.isHalf)) values.halfName = true;
  return values;
}

/** Returns the first company of a cell. HubSpot joins several with `;`, Google with `:::`, and Notion adds a link. */
export function companyIn(cells: Cells): string | undefined {
  const text = cells.first('company');
  if (text === undefined || cells.isExact) return text;
  const [first] = text.split(/\s*(?:;|:::)\s*/).filter((part) => part !== '');
  return first?.replace(/ \(https?:\/\/\S+\)$/, '');
}
