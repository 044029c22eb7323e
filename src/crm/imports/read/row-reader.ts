/**
 * The rows of a file, read piece by piece in bounded memory. The reader keeps only bytes and text that are not yet a
 * whole row. Its state is plain JSON, so another slice of a job continues where an earlier one ended.
 */
import { rowAt } from '../../../platform/rest/index.ts';
import { clean } from './clean.ts';
import { decodeLines, endOfLines } from './decode.ts';
import { OWN_SYSTEM } from './own-file.ts';
import type { FilePlan, SourceRow } from './plan.ts';

/** A longer row has a quote that is never closed: a cell of Excel has at most 32,767 characters. */
export const LONGEST_ROW = 256 * 1024;
/** A line without an end is kept up to this number of bytes. */
const MOST_BYTES = 4 * LONGEST_ROW;
/** Reports end with lines about the report. They come after at least this number of empty rows. */
const EMPTY_BEFORE_FOOTER = 2;

/** The state between two pieces of a file. */
export interface ReaderState {
  /** The bytes after the last line end, in Base64. */
  bytes: string;
  /** Text that is not yet a whole row. */
  text: string;
  /** The rows read so far, also empty rows and the header. */
  row: number;
  /** The empty rows directly before. */
  empty: number;
  /** The end of the table has been read, so rows of one cell are lines about the report. */
  footer: boolean;
}

const TOO_LONG = `is longer than ${LONGEST_ROW / 1024} KiB: does the file have line ends?`;
/** The first characters of a row that is too long. The rejection of the row shows them as cells. */
const LONGEST_SHOWN = 1000;

/** Reads a file with a plan. Rows before and with the header, empty rows and repeated headers are left out. */
export class RowReader {
  readonly #plan: FilePlan;
  readonly #used: number[];
  #bytes: Uint8Array;
  #text: string;
  #row: number;
  #empty: number;
  #footer: boolean;

  /** Begins at the start of the file, or continues with an earlier state. */
  constructor(plan: FilePlan, state?: ReaderState) {
    this.#plan = plan;
    this.#used = plan.columns.flatMap(({ field, custom }, index) =>
      custom || (field && !ALONE_NOTHING.has(field)) ? [index] : [],
    );
    this.#bytes = Buffer.from(state?.bytes ?? '', 'base64');
    this.#text = state?.text ?? '';
    this.#row = state?.row ?? 0;
    this.#empty = state?.empty ?? 0;
    this.#footer = state?.footer ?? false;
  }

  /** Takes the next bytes of the file, of any number, and returns the rows that are whole now. */
  push(bytes: Uint8Array): SourceRow[] {
    const all = new Uint8Array(this.#bytes.length + bytes.length);
    all.set(this.#bytes);
    all.set(bytes, this.#bytes.length);
    const end = endOfLines(all, this.#plan.encoding);
    const isEndless = all.length - end > MOST_BYTES;
    // A line that is too long is cut. The cut is at a multiple of four bytes, so that it is never inside a character,
    // and the parts of the line are refused.
    const cut = isEndless ? all.length - (all.length % 4) : end;
    this.#bytes = all.slice(cut);
    const text = decodeLines(all.subarray(0, cut), this.#plan.encoding);
    return this.#rows(isEndless ? `${text}\n` : text, false);
  }

  /** Returns the last rows of the file. */
  end(): SourceRow[] {
    const rest = decodeLines(this.#bytes, this.#plan.encoding);
    this.#bytes = new Uint8Array();
    return this.#rows(rest, true);
  }

  /** Returns the state for a reader that continues. */
  state(): ReaderState {
    const bytes = Buffer.from(this.#bytes).toString('base64');
    return { bytes, text: this.#text, row: this.#row, empty: this.#empty, footer: this.#footer };
  }

  #rows(more: string, isLast: boolean): SourceRow[] {
    const text = this.#text + more;
    const { separator } = this.#plan;
    const rows: SourceRow[] = [];
    let at = 0;
    while (at < text.length) {
      const next = rowAt(text, at, separator);
      const isTooLong = (next?.end ?? text.length) - at > LONGEST_ROW;
      if (!next && !isLast && !isTooLong) break;
      this.#row += 1;
      if (next && !isTooLong) {
        if (this.#isData(next.cells)) rows.push({ row: this.#row, cells: next.cells });
        at = next.end;
      } else {
        const end = endOfLine(text, at);
        const isLong = end - at > LONGEST_ROW;
        const problem = isLong ? TOO_LONG : 'has a quote that is never closed';
        const line = text.slice(at, isLong ? at + LONGEST_SHOWN : end);
        rows.push({ row: this.#row, cells: line.split(separator), problem });
        at = end + 1;
      }
    }
    this.#text = text.slice(at);
    return rows;
  }

  #isData(cells: readonly string[]): boolean {
    const { headerRow, columns } = this.#plan;
    if (this.#row <= headerRow) return false;
    const filled = cells.filter((cell) => clean(cell) !== '').length;
    if (filled === 0) {
      this.#empty += 1;
      return false;
    }
    this.#footer ||= this.#empty >= EMPTY_BEFORE_FOOTER && cells.length === 1 && columns.length > 1;
    this.#empty = 0;
    if (this.#footer && cells.length === 1) return false;
    if (columns.every(({ column }, index) => clean(cells[index] ?? '').slice(0, 100) === column)) return false;
    // In an exported file a row has an id, and its other cells can consist of any signs.
    if (this.#plan.system === OWN_SYSTEM) return true;
    return cells.length > columns.length || this.#used.some((index) => clean(cells[index] ?? '') !== '');
  }
}

/** Fields that are not enough for a record if a row has no others. */
const ALONE_NOTHING = new Set(['id', 'salutation', 'suffix', 'owner', 'currency', 'stage', 'country', 'city']);

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
