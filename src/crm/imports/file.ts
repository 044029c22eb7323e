/** Turns a file of contacts into waiting rows: matches columns to fields and keeps the needed cells of each row. */
import { CsvError, rowsOf, type Separator, separators, textOf, withoutApostrophe } from '../../platform/rest/index.ts';

/**
 * The fields that a column can fill. The name of a contact is in one column (`name`) or in two (`firstName`,
 * `lastName`).
 */
export const importFields = ['name', 'firstName', 'lastName', 'email', 'phone', 'jobTitle', 'company'] as const;
export type ImportField = (typeof importFields)[number];

/**
 * A column of the file and the field that it fills. `field` is `null` if the name of the column matches no field, or if
 * an earlier column fills the field.
 */
export interface Column {
  column: string;
  field: ImportField | null;
}

/** A waiting row: its number in the file (the header is row 1), and the cells of the columns that fill a field. */
export type WaitingRow = [row: number, cells: string[] | null];

/** The contents of a file. */
export interface ContactFile {
  columns: Column[];
  rows: number;
  /** The chunks of rows; one transaction handles one chunk. */
  chunks: WaitingRow[][];
}

/** The number of rows per transaction, which then takes less than a second. */
export const ROWS_PER_CHUNK = 500;
/** The maximum number of rows in a file. */
export const MOST_ROWS = 50_000;
/** The maximum number of characters of a cell that are kept: a longer text is too long for any field. */
const LONGEST_CELL = 1000;
const MOST_COLUMNS = 200;

const NAMES: Record<ImportField, RegExp> = {
  name: /^((full|display|contact)?name|contact)$/,
  firstName: /^(first|given|fore)(name)?$/,
  lastName: /^(last|family)(name)?$|^surname$/,
  email: /^(e?mail|(primary|work)email)(address)?$|^email1value$/,
  phone: /^((mobile|work|primary)?(tele)?phone(number)?|tel|mobile(number)?|phone1value)$/,
  jobTitle: /^((job)?title|position|jobposition)$/,
  company: /^((company|account|organi[sz]ation1?)(name)?|employer)$/,
};

/**
 * Reads a file.
 * @throws {CsvError} if the file is not CSV, has no rows, or has no column with a name or an e-mail address.
 */
export function readContactFile(bytes: Uint8Array): ContactFile {
  const text = textOf(bytes);
  const { separator, columns } = headerOf(text);
  const chunks: WaitingRow[][] = [];
  let rows = 0;
  let number = 0;
  for (const cells of rowsOf(text, separator)) {
    number += 1;
    if (number === 1 || cells.every((cell) => cell.trim() === '')) continue;
    if (rows === MOST_ROWS) throw new CsvError(`The file has more than ${MOST_ROWS} rows`);
    if (rows % ROWS_PER_CHUNK === 0) chunks.push([]);
    chunks.at(-1)?.push([number, keep(cells, columns)]);
    rows += 1;
  }
  if (rows === 0) throw new CsvError('The file has no rows below its header');
  return { columns, rows, chunks };
}

/**
 * Returns the needed cells of a row. Returns `null` if the row has more cells than the header, for example because of a
 * comma that is not in quotes.
 */
function keep(cells: readonly string[], columns: readonly Column[]): string[] | null {
  if (cells.slice(columns.length).some((cell) => cell.trim() !== '')) return null;
  return columns.flatMap(({ field }, index) => (field ? [plain(cells[index] ?? '')] : []));
}

/** Returns a cell without the apostrophe that keeps spreadsheets from reading the cell as a formula. */
function plain(cell: string): string {
  return withoutApostrophe(cell.trim()).slice(0, LONGEST_CELL);
}

/** Chooses the separator with which most columns are recognised. */
function headerOf(text: string): { separator: Separator; columns: Column[] } {
  const known = (columns: readonly Column[]) => columns.filter(({ field }) => field !== null).length;
  const read = separators.map((separator) => {
    const [header = []] = rowsOf(text, separator);
    return { separator, columns: columnsOf(header) };
  });
  const best = read.reduce((one, other) => (known(other.columns) > known(one.columns) ? other : one));
  const fields = best.columns.map(({ field }) => field);
  if (text.trim() === '') throw new CsvError('The file is empty');
  if (fields.length > MOST_COLUMNS) throw new CsvError(`The file has more than ${MOST_COLUMNS} columns`);
  if (!fields.some((field) => field !== null && /name|email/i.test(field))) {
    throw new CsvError('The first row must name the columns, and one of them must be a name or an e-mail address');
  }
  return best;
}

function columnsOf(header: readonly string[]): Column[] {
  const taken = new Set<ImportField>();
  return header.map((column) => {
    const plain = column.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
    const field = importFields.find((field) => !taken.has(field) && NAMES[field].test(plain)) ?? null;
    if (field) taken.add(field);
    return { column: column.trim().slice(0, 100), field };
  });
}
