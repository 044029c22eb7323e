/**
 * CSV (RFC 4180) in the forms that spreadsheets write. The parser is our own, because none of the parsers that are
 * small enough for the Worker is suitable: one loses the last row, one shifts columns, and one needs `eval`. A test
 * compares the results with papaparse.
 */

/**
 * Thrown if the file cannot be read as CSV. The message says where the fault is and never contains text of the file.
 */
export class CsvError extends Error {
  override readonly name = 'CsvError';
  readonly code = 'CSV_UNREADABLE';
}

/** The end of a cell without quotes: the separator or the end of the line. */
const END_OF_CELL = { ',': /[,\n]/g, ';': /[;\n]/g, '\t': /[\t\n]/g } as const;

/** The separator between cells. Spreadsheets in countries with a decimal comma write semicolons. */
export type Separator = keyof typeof END_OF_CELL;
export const separators = Object.keys(END_OF_CELL) as Separator[];

/**
 * Decodes a file: UTF-8, or UTF-16 with a byte order mark. Line ends become `\n`.
 * @throws {CsvError} if the file has another encoding or is not text.
 */
export function textOf(bytes: Uint8Array): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new CsvError('The file is not UTF-8: save it as “CSV UTF-8”');
  }
  if (/[\0\uFFFD]/.test(text)) throw new CsvError('The file is no text, or was damaged by a change of encoding');
  return text.replace(/\r\n?/g, '\n');
}

/**
 * Yields the rows of a text whose lines end in `\n`. A quote opens a quoted cell only if it is the first character of
 * the cell. A quote inside of a quoted cell is written twice. Text after the closing quote belongs to the cell. An
 * empty line is a row with one empty cell.
 * @throws {CsvError} at a quote that is never closed.
 */
export function* rowsOf(text: string, separator: Separator): Generator<string[]> {
  const end = END_OF_CELL[separator];
  let at = 0;
  for (let number = 1; at < text.length; number += 1) {
    const row: string[] = [];
    for (let more = true; more; ) {
      let cell = '';
      if (text[at] === '"') [cell, at] = quoted(text, at + 1, number);
      end.lastIndex = at;
      const found = end.exec(text);
      const stop = found?.index ?? text.length;
      row.push(cell + text.slice(at, stop));
      more = found?.[0] === separator;
      at = stop + 1;
    }
    yield row;
  }
}

/** Returns the text between the quotes, and the index after the closing quote. */
function quoted(text: string, from: number, number: number): [string, number] {
  let cell = '';
  for (let at = from; ; ) {
    const quote = text.indexOf('"', at);
    if (quote < 0) throw new CsvError(`Row ${number} has a quote that is never closed`);
    cell += text.slice(at, quote);
    if (text[quote + 1] !== '"') return [cell, quote + 1];
    cell += '"';
    at = quote + 2;
  }
}

/**
 * Writes a row as CSV, with its line end. A cell that a spreadsheet would read as a formula gets a leading apostrophe
 * (OWASP, CSV injection). A cell that already has apostrophes before such a formula gets one more, so that
 * `withoutApostrophe` always returns the text that was written.
 */
export function csvRow(cells: readonly (string | null)[]): string {
  return `${cells.map((cell) => csvCell(cell ?? '')).join(',')}\r\n`;
}

function csvCell(text: string): string {
  const safe = /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Returns the text of a cell that `csvRow` wrote. */
export function withoutApostrophe(cell: string): string {
  return cell.replace(/^'(?='*[=+\-@\t\r])/, '');
}
