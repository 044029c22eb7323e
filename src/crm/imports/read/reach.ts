/** Addresses and telephone numbers: the first usable one of cells that may have several. */
import type { Cells, FilledCell } from './cells.ts';

/** A number that a spreadsheet has shortened, such as `4.91512E+11`. The digits are lost. */
const SHORTENED = /^[+-]?\d+(?:[.,]\d+)?E\+?\d+$/i;
/** The number of digits from which a part of a cell is a telephone number of its own. */
const FEWEST_DIGITS = 6;

/** Returns the texts of a cell that look like addresses: without names, brackets, quotes and `mailto:`. */
export function addressesIn(text: string): string[] {
  const bracketed = [...text.matchAll(/<([^<>]*@[^<>]*)>/g)].map(([, inside]) => inside ?? '');
  const all = [...bracketed, text]
    .flatMap((part) => part.replace(/mailto:/gi, ' ').split(/:::|[\s,;<>()[\]"|]+/))
    .map((part) => part.replace(/^[.':]+|[.':/]+$/g, ''))
    .filter((part) => part.includes('@'));
  return [...new Set(all)];
}

/** Returns the telephone numbers of a cell. A cell without a whole number is returned as it is. */
export function phonesIn(text: string): string[] {
  const parts = text
    .replace(/\b(?:tel|callto|sip):/gi, '')
    .split(/\s*:::\s*|\s*;\s*|\s*,\s*(?=[+(0])|(?<=\d)\s+(?=\+)/)
    .flatMap(atSlashes)
    .map((part) => part.replace(/^(\d{7,})\.0$/, '$1').trim());
  const whole = parts.filter(isWholeNumber);
  if (whole.length > 0) return whole;
  return /\d/.test(text) ? [text] : [];
}

/** Divides at slashes between whole numbers. A slash within a number, as in `0341 / 000 24 03`, belongs to it. */
function atSlashes(text: string): string[] {
  const parts = text.split(/\s+\/\s+/);
  return parts.every(isWholeNumber) ? parts : [text];
}

function isWholeNumber(text: string): boolean {
  return text.replace(/\D/g, '').length >= FEWEST_DIGITS;
}

/** Reads the address of a row. */
export function readAddress(cells: Cells, field: 'email' | 'contactEmail', parse: Parse): string | undefined {
  return firstUsable(cells, field, addressesIn, parse, 'is not an e-mail address');
}

/** Reads the telephone number of a row. */
export function readPhone(cells: Cells, parse: Parse): string | undefined {
  return firstUsable(cells, 'phone', phonesIn, parse, 'is not a telephone number');
}

type Parse = (text: string) => string | undefined;

/**
 * Returns the first text that the schema accepts, from the best column that has such a text. Reports a cell that is
 * unusable if no other is usable, and a cell whose further values are left out.
 */
function firstUsable(
  cells: Cells,
  field: 'email' | 'contactEmail' | 'phone',
  split: (text: string) => string[],
  parse: Parse,
  wrong: string,
): string | undefined {
  const reasons: string[] = [];
  if (cells.isExact) return exact(cells, field, parse, wrong);
  for (const cell of cells.all(field)) {
    const reason = shortenedReason(cell);
    if (reason !== null) {
      reasons.push(reason);
      continue;
    }
    const values = [...new Set(split(cell.text).flatMap((text) => parse(text) ?? []))];
    const [first] = values;
    if (first === undefined) reasons.push(wrong);
    else {
      if (values.length > 1) cells.refuse(field, `has ${values.length} values in one cell; the first is used`);
      return first;
    }
  }
  const [reason] = reasons;
  return reason === undefined ? undefined : cells.refuse(field, reason);
}

/** Returns the value of an exported file, which has one value in a cell and no notation of a spreadsheet. */
function exact(
  cells: Cells,
  field: 'email' | 'contactEmail' | 'phone',
  parse: Parse,
  wrong: string,
): string | undefined {
  const text = cells.first(field);
  return text === undefined ? undefined : (parse(text) ?? cells.refuse(field, wrong));
}

/** Returns the reason to refuse a number that a spreadsheet has destroyed. */
export function shortenedReason({ text, column }: FilledCell): string | null {
  return SHORTENED.test(text)
    ? `was shortened by a spreadsheet in “${column.column}”: format the column as text and export it again`
    : null;
}
