/** Reads the text that a person types into a search. */
import { addressPrefix, normalDomain } from '../text/index.ts';
import { isUnspaced, LONGEST_TOKEN, pairsOf, wordsOf } from './characters.ts';

/** A part of a search. An entry matches if it has every part that is not `optional`. */
export interface Wanted {
  /** The word as it is searched; for `digits`, the digits in their order. */
  text: string;
  /**
   * `word`: an entry has a word that begins with the text; a text of one letter must be the whole word. `run`: an entry has
   * these characters of an unspaced script side by side. `digits`: an entry has these digits side by side in a telephone
   * number.
   */
  as: 'word' | 'run' | 'digits';
  /** True if the part only improves the rank of an entry. */
  optional: boolean;
  /** Words of the tenant that may have been meant. */
  near?: readonly string[];
}

/** The longest text of a search, in characters. */
export const LONGEST_SEARCH = 200;

/** The largest number of words that are searched. Further words are not read. */
const MOST_WORDS = 8;

/** The least number of digits of a telephone number. */
const LEAST_DIGITS = 4;

/** A telephone number with more digits is compared by its last ones: its country may be written in several ways. */
const COMPARED_DIGITS = 8;

/** Returns the parts of a search; an empty list if the text has neither a letter nor a digit. */
export function readSearch(typed: string): Wanted[] {
  const phone = phoneIn(typed);
  if (phone !== null) return [phone];
  const parts = typed.split(/\s+/).flatMap(partsOf).slice(0, MOST_WORDS);
  // A single letter among words tells little, and the word is perhaps not complete.
  const long = parts.some(({ as, text, optional }) => !optional && (as === 'run' || [...text].length > 1));
  return parts.map((part) => ({
    ...part,
    optional: part.optional || (long && [...part.text].length === 1 && part.as === 'word'),
  }));
}

/** Returns the number if the whole text is one, written with blanks and signs; otherwise `null`. */
function phoneIn(typed: string): Wanted | null {
  if (!/^[\s0-9+()./-]+$/.test(typed) || !/[\s+()./-]/.test(typed.trim())) return null;
  return digitsOf(typed);
}

function digitsOf(text: string): Wanted | null {
  const digits = text
    .replace(/[^0-9]/g, '')
    .replace(/^0+/, '')
    .slice(-COMPARED_DIGITS);
  return digits.length < LEAST_DIGITS ? null : { text: digits, as: 'digits', optional: false };
}

function partsOf(typed: string): Wanted[] {
  // Addresses and domains are stored as people write them.
  const chunk = typed.includes('@') ? addressPrefix(typed) : (/xn--/i.test(typed) && normalDomain(typed)) || typed;
  const words = wordsOf(chunk);
  // The index does not have the last label of a domain.
  const hasDomain = /[^.@]+\.[^.@]+$/.test(chunk) && words.length > 1;
  return words.map((word, at) => {
    const text = [...word].slice(0, LONGEST_TOKEN).join('');
    return { text, as: isUnspaced(word) ? 'run' : 'word', optional: hasDomain && at === words.length - 1 };
  });
}

/** The beginning of the lexemes of a tenant's rows of a kind, as in the database function `search_put`. */
export function scopeOf(tenant: string, kind: string): string {
  return `${tenant}\u001F${kind}\u001F`;
}

/** Returns the text of the `tsquery` for the parts that an entry must have; `null` if there is none. */
export function matchQuery(
  scope: string,
  wanted: readonly Wanted[],
  labels: readonly string[],
  exact: boolean,
): string | null {
  const parts = wanted.filter(({ optional }) => !optional).map((part) => lexemesOf(scope, part, exact));
  if (parts.length === 0) return null;
  return [...parts, ...labels.map((label) => quoted(`${scope}=${label}`))].join(' & ');
}

/** Returns the text of the `tsquery` whose words improve the rank of an entry. */
export function rankQuery(scope: string, wanted: readonly Wanted[]): string {
  return wanted.map((part) => lexemesOf(scope, part, true)).join(' | ');
}

/** Returns the query for one part. */
function lexemesOf(scope: string, { text, as, near = [] }: Wanted, exact: boolean): string {
  if (as === 'digits') return phraseOf(scope, digitGroups(text));
  if (as === 'run') {
    const pairs = pairsOf(text);
    return pairs.length === 1 ? `${quoted(scope + text)}:*` : phraseOf(scope, pairs.slice(0, -1));
  }
  const whole = [text, ...near].map((word) => quoted(scope + word));
  if (exact || [...text].length === 1) return anyOf(whole);
  const phone = /^[0-9]+$/.test(text) ? digitsOf(text) : null;
  const numbers = phone === null ? [] : [phraseOf(scope, digitGroups(phone.text))];
  return anyOf([`${quoted(scope + text)}:*`, ...whole.slice(1), ...numbers]);
}

function digitGroups(digits: string): string[] {
  return Array.from({ length: digits.length - LEAST_DIGITS + 1 }, (_, at) => `#${digits.slice(at, at + LEAST_DIGITS)}`);
}

function anyOf(queries: readonly string[]): string {
  return queries.length === 1 ? (queries[0] ?? '') : `(${queries.join(' | ')})`;
}

function phraseOf(scope: string, tokens: readonly string[]): string {
  return `(${tokens.map((token) => quoted(scope + token)).join(' <-> ')})`;
}

function quoted(lexeme: string): string {
  return `'${lexeme.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
