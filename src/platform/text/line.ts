/**
 * The stored form of texts. One text can be written with different code points: `é` as one or as two, a blank as
 * U+00A0, a mark of direction that no reader sees. All ways in (API, import, command line) store the same form, so equal
 * texts are equal bytes, and an exported file that is imported again changes nothing.
 */

/** Blanks of every width, and separators of lines and paragraphs; no control characters. */
const WIDE_BLANKS = /[\p{Zs}\u2028\u2029]+/gu;

/**
 * Characters without a shape of their own: zero-width space, word joiner, byte order mark, and marks of direction. The
 * joiners U+200C and U+200D stay, because Persian words and joined emoji need them.
 */
const INVISIBLE = /[\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]/g;

/**
 * Returns a line in its stored form: in NFC (Unicode Standard Annex 15), without invisible characters, each run of
 * blanks as one space, and no white space at the ends. Control characters inside of the line stay, so that a schema can
 * refuse them.
 */
export function normalLine(text: string): string {
  return text.replace(INVISIBLE, '').replace(WIDE_BLANKS, ' ').normalize('NFC').trim();
}

/**
 * Returns a text of several lines in its stored form: in NFC, with `\n` as the end of each line, without byte order marks
 * and white space at its ends.
 */
export function normalNote(text: string): string {
  return text.replaceAll('\uFEFF', '').replace(/\r\n?/g, '\n').normalize('NFC').trim();
}
