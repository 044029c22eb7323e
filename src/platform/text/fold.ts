/**
 * The form in which names are compared. It is never stored as a name. The columns `search_name` and `search_title` have
 * this form, made by the database function `fold`; a test compares the two functions for each code point.
 */
import { normalLine } from './line.ts';

/**
 * Returns the text for comparison. Upper and lower case, NFC and NFD, full-width letters, ligatures (`ﬁ`), white space,
 * the two forms of the Greek sigma and the Turkish `İ` do not matter (Unicode Standard Annex 15, NFKC). Accents matter.
 */
export function fold(text: string): string {
  const lower = normalLine(text).normalize('NFKC').toLowerCase();
  return lower.replaceAll('ς', 'σ').replaceAll('i\u0307', 'i').normalize('NFKC').trim();
}
