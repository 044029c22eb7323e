/** Reads whole files with the parts of the reader, as the import does. */
import { planFile, RowReader, readRow } from '../../../src/crm/imports/read/index.ts';
import type { ContactValues, FileOptions, FilePlan, ImportKind, ReadRow } from '../../../src/crm/imports/read/plan.ts';

/** The bytes of a text in UTF-8. */
export const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Plans a file of bytes or of text. */
export function planOf<Kind extends ImportKind>(file: Uint8Array | string, options: FileOptions<Kind>): FilePlan<Kind> {
  return planFile(typeof file === 'string' ? bytesOf(file) : file, options);
}

/** Reads all rows of a file. The plan passes through JSON, as it does in the database. */
export function readAll<Kind extends ImportKind>(
  file: Uint8Array | string,
  options: FileOptions<Kind>,
): { plan: FilePlan<Kind>; rows: ReadRow<Kind>[] } {
  const bytes = typeof file === 'string' ? bytesOf(file) : file;
  const plan = JSON.parse(JSON.stringify(planFile(bytes, options))) as FilePlan<Kind>;
  const reader = new RowReader(plan);
  const rows = [...reader.push(bytes), ...reader.end()].map((row) => readRow(row, plan));
  return { plan, rows };
}

/** The fields of a contact that tables of expected contacts have; missing ones are null. */
export interface ExpectedContact {
  name: string | null;
  email: string | null;
  phone: string | null;
  company: string | null;
  jobTitle: string | null;
}

/** Returns the contacts of a file in the form of the tables of expected contacts. */
export function contactsIn(file: Uint8Array | string, options: FileOptions<'contacts'>): ExpectedContact[] {
  return readAll(file, options).rows.flatMap(({ values }) => (values ? [toExpected(values)] : []));
}

/** Returns a contact in the form of the tables of expected contacts. */
export function toExpected({ name, email, phone, company, jobTitle }: ContactValues): ExpectedContact {
  return {
    name: name ?? null,
    email: email ?? null,
    phone: phone ?? null,
    company: company ?? null,
    jobTitle: jobTitle ?? null,
  };
}
