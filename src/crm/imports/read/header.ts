/**
 * Finds the separator of a file and the row that names its columns. Reports and exports write titles, notes and empty
 * lines before it, so the row is the one of the first twenty that has most known names.
 */
import { CsvError, rowAt, type Separator, separators } from '../../../platform/rest/index.ts';
import { clean } from './clean.ts';
import { isAddress } from './content.ts';
import { meaningOf } from './meaning.ts';
import type { ImportKind } from './plan.ts';
import { recogniseSystem } from './recognise.ts';
import { tablesOf } from './table.ts';

/** The rows among which the header is looked for. */
const ROWS_SEARCHED = 20;
/** The rows that show the contents of columns. */
const ROWS_SHOWN = 2000;
const MOST_COLUMNS = 200;

/** The header of a file and rows below it. */
export interface Header {
  separator: Separator;
  /** The number of the header in the file; the first row is 1. */
  headerRow: number;
  columns: string[];
  rows: string[][];
}

/**
 * Finds the header in the text from the beginning of a file. `isNamed` tells whether a column is known by its name alone:
 * from the caller, or as a custom field.
 * @throws {CsvError} if the text has no row that can be the header.
 */
export function findHeader(text: string, kind: ImportKind, isNamed: (column: string) => boolean): Header {
  // Excel reads the separator from a first line such as `sep=;`.
  const said = separators.find((separator) => separator === /^"?sep=([,;|\t])"?(?=\n|$)/i.exec(text)?.[1]);
  let best: { separator: Separator; index: number; known: number; filled: number } | null = null;
  for (const separator of said ? [said] : separators) {
    for (const [index, cells] of rowsFrom(text, separator, ROWS_SEARCHED).entries()) {
      if (said && index === 0) continue;
      const names = cells.map((cell) => columnName(cell));
      const filled = names.filter((name) => name !== '').length;
      const known = isHeaderLike(names) ? countKnown(names, kind, isNamed) : -1;
      if (filled === 0 || known < 0) continue;
      // Of rows with equally many known names, the one with most filled cells is the header. If no row has a known
      // name, the first row is the header, read with the separator that gives most cells.
      const isBetter = !best || known > best.known || (known === best.known && filled > best.filled && known > 0);
      const isWider = best && known === 0 && best.known === 0 && best.index === index && filled > best.filled;
      if (isBetter || isWider) best = { separator, index, known, filled };
    }
  }
  if (!best) throw new CsvError('The first row must name the columns');
  const all = rowsFrom(text, best.separator, ROWS_SHOWN);
  const cells = all[best.index] ?? [];
  if (cells.length > MOST_COLUMNS) throw new CsvError(`The file has more than ${MOST_COLUMNS} columns`);
  const rows = all.slice(best.index + 1);
  return { separator: best.separator, headerRow: best.index + 1, columns: cells.map(columnName), rows };
}

/** Returns the name of a column as people and mappings write it. */
export function columnName(cell: string): string {
  return clean(cell).slice(0, 100);
}

/** The certainty that a cell is the name of a column, by the way in which its meaning is found. */
const WEIGHTS = { system: 1, word: 1, near: 0.3, unknown: 0 };

/** A row with an address or with long numbers is data. */
function isHeaderLike(names: readonly string[]): boolean {
  return !names.some((name) => isAddress(name) || /\d{7,}/.test(name.replace(/[\s().\-/]/g, '')));
}

function countKnown(names: readonly string[], kind: ImportKind, isNamed: (column: string) => boolean): number {
  const system = recogniseSystem(names, kind);
  const languages = [...tablesOf(kind).languages.keys()];
  const weights = names.map((name) => (isNamed(name) ? 1 : WEIGHTS[meaningOf(name, kind, system, languages).source]));
  return weights.reduce((sum, weight) => sum + weight, 0);
}

/** Returns the first rows of a text, without a row that is cut at the end of the text. */
function rowsFrom(text: string, separator: Separator, most: number): string[][] {
  const rows: string[][] = [];
  for (let at = 0; at < text.length && rows.length < most; ) {
    const row = rowAt(text, at, separator);
    if (!row) break;
    rows.push(row.cells);
    at = row.end;
  }
  return rows;
}
