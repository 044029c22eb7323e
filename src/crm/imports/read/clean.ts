/**
 * The clean form of a cell. Programs put invisible signs, formulas and placeholders into cells; people put line breaks
 * and blanks.
 */
import { normalLine } from '../../../platform/text/index.ts';

/** The maximum number of characters of a cell that are read: a longer text is too long for any field. */
const LONGEST_CELL = 1000;
/** Line breaks, tabs and other control characters. */
const CONTROL = /\p{Cc}+/gu;

/** Returns a cell as one line in the stored form of texts, without a formula around its text. */
export function clean(cell: string): string {
  const line = normalLine(cell.slice(0, 4 * LONGEST_CELL).replace(CONTROL, ' '));
  return unwrapped(line).slice(0, LONGEST_CELL);
}

/** Returns the text of a formula such as `="+49 30"`, and a text without its leading apostrophe. */
function unwrapped(line: string): string {
  const formula = /^=\s*(["'])(.*)\1$/.exec(line);
  if (formula) return (formula[2] ?? '').replaceAll('""', '"').trim();
  return line.replace(/^'(?=[=+\-@\d(])/, '').trim();
}

/** Errors of spreadsheets, and the texts that programs and people write into empty cells. */
const ERROR = /^#(N\/A|NAME\?|REF!|VALUE!|DIV\/0!|NULL!|NUM!|NV|BEZUG!|WERT!|CALC!|SPILL!)$/i;
const EMPTY =
  /^([-–—.]+|n\/?a|n\.a\.|k\.\s?a\.|none|null|nil|undefined|unknown|\(blank\)|\(leer\)|\(none\)|-none-|\[empty\])$/i;
const EMPTY_NAME = /^([-–—.]+|n\/a|N\/A|NULL|k\.\s?A\.|undefined|\(blank\)|\(leer\)|\(none\)|\[empty\])$/;

/** Whether a clean cell means an empty one. `None`, `Null` and `Na` are also names of people. */
export function isPlaceholder(text: string, isName: boolean): boolean {
  return ERROR.test(text) || (isName ? EMPTY_NAME : EMPTY).test(text);
}
