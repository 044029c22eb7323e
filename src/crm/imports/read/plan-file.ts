/** Decides how to read a file: its encoding, separator, header and the field of each column. */
import { CsvError, rowAt, type Separator, separators } from '../../../platform/rest/index.ts';
import { clean } from './clean.ts';
import { decodeHead, encodingOf } from './decode.ts';
import { type Field, type FileOptions, type FilePlan, fieldsOf, type ImportKind, type PlannedColumn } from './plan.ts';

const MOST_COLUMNS = 200;

const NAMES: Partial<Record<Field, RegExp>> = {
  id: /^id$/,
  name: /^((full|display|contact|company|account|organi[sz]ation)?name|contact)$/,
  title: /^(deal|deal(name|title)|title)$/,
  firstName: /^(first|given|fore)(name)?$/,
  lastName: /^(last|family)(name)?$|^surname$/,
  email: /^(e?mail|(primary|work)email)(address)?$|^email1value$/,
  phone: /^((mobile|work|primary)?(tele)?phone(number)?|tel|mobile(number)?|phone1value)$/,
  jobTitle: /^((job)?title|position|jobposition)$/,
  company: /^((company|account|organi[sz]ation1?)(name)?|employer)$/,
  owner: /^owner$/,
  stage: /^stage$/,
  value: /^(value|amount)$/,
  currency: /^currency$/,
  expectedCloseDate: /^(expected)?closedate$/,
  contact: /^contact(person|name)?$/,
  domain: /^domain$/,
  industry: /^industry$/,
  employees: /^employees$/,
  city: /^city$/,
  country: /^country$/,
};

/** The fields of which a file needs at least one. */
const NEEDED: Record<ImportKind, readonly Field[]> = {
  contacts: ['name', 'firstName', 'lastName', 'displayName', 'email', 'id'],
  companies: ['name', 'domain', 'id'],
  deals: ['title', 'id'],
};

/**
 * Plans a file from its first bytes: some hundred rows are enough, and more rows settle more of the amounts and dates.
 * @throws {CsvError} if the file cannot be read, or if no column has a name for a record of this kind.
 */
export function planFile<Kind extends ImportKind>(head: Uint8Array, options: FileOptions<Kind>): FilePlan<Kind> {
  const encoding = encodingOf(head, options.charset);
  const text = decodeHead(head, encoding);
  if (text.trim() === '') throw new CsvError('The file is empty');
  const read = separators.map((separator) => ({ separator, columns: columnsOf(text, separator, options) }));
  const known = (columns: readonly PlannedColumn[]) => columns.filter(({ field }) => field !== null).length;
  const { separator, columns } = read.reduce((one, other) => (known(other.columns) > known(one.columns) ? other : one));
  if (columns.length > MOST_COLUMNS) throw new CsvError(`The file has more than ${MOST_COLUMNS} columns`);
  if (!columns.some(({ field }) => field && NEEDED[options.kind].includes(field))) {
    throw new CsvError('No column has a known name', 'CSV_COLUMNS_UNKNOWN');
  }
  const { kind } = options;
  return { kind, encoding, separator, headerRow: 1, system: null, language: null, columns, questions: [] };
}

function columnsOf<Kind extends ImportKind>(
  text: string,
  separator: Separator,
  { kind, mapping }: FileOptions<Kind>,
): PlannedColumn<Kind>[] {
  const fields: readonly Field<Kind>[] = fieldsOf[kind];
  const ranks = new Map<Field, number>();
  return (rowAt(text, 0, separator)?.cells ?? []).map((cell) => {
    const column = clean(cell).slice(0, 100);
    const plain = column.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
    const found = mapping?.[column];
    const field = found === undefined ? (fields.find((one) => NAMES[one]?.test(plain)) ?? null) : found;
    if (!field) return { column, field };
    const rank = ranks.get(field) ?? 0;
    ranks.set(field, rank + 1);
    return { column, field, rank };
  });
}
