/** Decides how to read a file: its encoding, separator, header and the field of each column. */
import { CsvError } from '../../../platform/rest/index.ts';
import type { Candidate } from './candidate.ts';
import { styleColumns } from './column-style.ts';
import { decideColumns } from './columns.ts';
import { namesOf } from './custom-columns.ts';
import { decodeHead, encodingOf } from './decode.ts';
import { findHeader } from './header.ts';
import { isOwnFile, OWN_SYSTEM } from './own-file.ts';
import { type Field, type FileOptions, type FilePlan, fieldsOf, type ImportKind, type PlannedColumn } from './plan.ts';
import { askAboutColumns } from './questions.ts';
import { recogniseLanguage, recogniseSystem } from './recognise.ts';

/** The fields of which a file needs at least one. */
const NEEDED: Record<ImportKind, readonly Field[]> = {
  contacts: ['name', 'firstName', 'lastName', 'displayName', 'email', 'id'],
  companies: ['name', 'domain', 'id'],
  deals: ['title', 'id'],
};
/** The columns of a file that an error names. */
const MOST_NAMED = 30;

/**
 * Plans a file from its first bytes: some hundred rows are enough, and more rows settle more of the amounts and dates.
 * @throws {CsvError} `CSV_UNREADABLE` if the file cannot be read, `CSV_CHARSET_UNKNOWN` for an unknown charset,
 *   `CSV_COLUMNS_UNKNOWN` if no column can name a record of this kind, or if the mapping names a column that the file
 *   does not have.
 */
export function planFile<Kind extends ImportKind>(head: Uint8Array, options: FileOptions<Kind>): FilePlan<Kind> {
  const { kind, mapping = {}, fields = [] } = options;
  const fieldsNamed = namesOf(fields);
  const encoding = encodingOf(head, options.charset);
  const text = decodeHead(head, encoding);
  if (text.includes('\0')) throw new CsvError('The file is no text');
  if (text.trim() === '') throw new CsvError('The file is empty');
  const header = findHeader(text, kind, (name) => Object.hasOwn(mapping, name) || fieldsNamed(name).length > 0);
  const missing = Object.keys(mapping).find((name) => !header.columns.includes(name));
  if (missing !== undefined) throw unknownColumns(`The file has no column “${missing}”`, header.columns, kind);
  const isOwn = isOwnFile(header.columns, (column) => fieldsNamed(column, true).length > 0);
  const system = isOwn ? null : recogniseSystem(header.columns, kind);
  const { language, order } = recogniseLanguage(header.columns, kind, system);
  const decided = decideColumns(header, options, system, { languages: order, fieldsNamed, isOwn });
  const open = decided.filter(({ custom, question }) => custom === null && question === null);
  const questions = decided.flatMap(({ question }) => question ?? []);
  if (!isOwn) questions.push(...askAboutColumns(open, kind));
  if (!decided.some(({ field }) => field && NEEDED[kind].includes(field))) {
    throw unknownColumns('No column has a known name for this kind of file', header.columns, kind);
  }
  const columns = inOrder(decided) as PlannedColumn<Kind>[];
  questions.push(...styleColumns(columns, header, { language, system, isOwn }));
  return {
    kind,
    encoding,
    separator: header.separator,
    headerRow: header.headerRow,
    system: isOwn ? OWN_SYSTEM : (system?.name ?? null),
    language,
    columns,
    questions,
  };
}

/** Replaces the weights of columns by their places among the columns of the same field. */
function inOrder(decided: readonly Candidate[]): PlannedColumn[] {
  const places = new Map<Candidate, number>();
  const next = new Map<Field, number>();
  for (const candidate of decided.toSorted((one, other) => one.rank - other.rank)) {
    if (candidate.field === null) continue;
    const place = next.get(candidate.field) ?? 0;
    places.set(candidate, place);
    next.set(candidate.field, place + 1);
  }
  return decided.map((candidate) => {
    const { column, field, reason, custom } = candidate;
    const rank = places.get(candidate);
    return { column, field, ...(custom ? { custom } : {}), reason, ...(rank === undefined ? {} : { rank }) };
  });
}

/** An error that names the columns of the file and the fields that columns can fill. */
function unknownColumns(problem: string, columns: readonly string[], kind: ImportKind): CsvError {
  const found = columns.filter((column) => column !== '').map((column) => `“${column}”`);
  const more = found.length > MOST_NAMED ? ` and ${found.length - MOST_NAMED} more` : '';
  return new CsvError(
    `${problem}. The columns found are ${found.slice(0, MOST_NAMED).join(', ')}${more}. ` +
      `Columns can be ${fieldsOf[kind].join(', ')}: name them so, in one of 15 languages, or send a mapping`,
    'CSV_COLUMNS_UNKNOWN',
  );
}
