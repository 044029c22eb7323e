/**
 * The clean form of a cell. Programs put invisible signs, formulas and placeholders into cells; people put line breaks
 * and blanks.
 */

/** The maximum number of characters of a cell that are read: a longer text is too long for any field. */
const LONGEST_CELL = 1000;
/**
 * Marks of direction and of zero width, which Apple's programs write around numbers, and byte order marks. The joiners
 * U+200C and U+200D stay, because Persian words and joined emoji need them.
 */
const INVISIBLE = /[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;
/** White space, also without a break, and control characters. */
const BLANK = /[\s\p{Cc}\u00a0\u202f]+/gu;

/** Returns a cell as one line without invisible signs, without a formula around its text, and in NFC. */
export function clean(cell: string): string {
  const line = cell
    .slice(0, 4 * LONGEST_CELL)
    .replace(INVISIBLE, '')
    .replace(BLANK, ' ')
    .trim();
  return unwrapped(line).normalize('NFC').slice(0, LONGEST_CELL);
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
  /^([-–—.]+|n\/?a|n\.a\.|k\.\s?a\.|none|null|nil|undefined|unknown|\(blank\)|\(leer\)|\(none\)|\[empty\])$/i;
const EMPTY_NAME = /^([-–—.]+|n\/a|N\/A|NULL|k\.\s?A\.|undefined|\(blank\)|\(leer\)|\(none\)|\[empty\])$/;

/** Whether a clean cell means an empty one. `None`, `Null` and `Na` are also names of people. */
export function isPlaceholder(text: string, isName: boolean): boolean {
  return ERROR.test(text) || (isName ? EMPTY_NAME : EMPTY).test(text);
}
