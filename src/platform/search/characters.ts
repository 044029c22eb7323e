/**
 * The form in which texts are searched, and how a text is divided into tokens. The database functions `search_fold` and
 * `search_tokens` do the same to stored texts. Both sides are made from the tables of this file, so no locale and no
 * extension of a database decides about them.
 */

/** A range of code points, both ends included. */
export type Range = readonly [from: number, to: number];

/** Combining marks that a folded text does not have: accents, Hebrew points, Arabic vowels, and the tatweel. */
export const MARKS: readonly Range[] = [
  [0x0300, 0x036f],
  [0x0483, 0x0487],
  [0x0591, 0x05bd],
  [0x05bf, 0x05bf],
  [0x05c1, 0x05c2],
  [0x05c4, 0x05c5],
  [0x05c7, 0x05c7],
  [0x0610, 0x061a],
  [0x0640, 0x0640],
  [0x064b, 0x065f],
  [0x0670, 0x0670],
  [0x1ab0, 0x1aff],
  [0x1dc0, 0x1dff],
  [0x200c, 0x200d],
  [0x20d0, 0x20ff],
  [0xfe00, 0xfe0f],
  [0xfe20, 0xfe2f],
];

/** Characters between words: blanks, punctuation, symbols, emoji, and the area for private use. */
export const SEPARATORS: readonly Range[] = [
  [0x0001, 0x002f],
  [0x003a, 0x0040],
  [0x005b, 0x0060],
  [0x007b, 0x00a9],
  [0x00ab, 0x00b1],
  [0x00b4, 0x00b4],
  [0x00b6, 0x00b8],
  [0x00bb, 0x00bb],
  [0x00bf, 0x00bf],
  [0x00d7, 0x00d7],
  [0x00f7, 0x00f7],
  [0x02b9, 0x02df],
  [0x037e, 0x037e],
  [0x0387, 0x0387],
  [0x055a, 0x055f],
  [0x0589, 0x058a],
  [0x05be, 0x05be],
  [0x05c0, 0x05c0],
  [0x05c3, 0x05c3],
  [0x05f3, 0x05f4],
  [0x0600, 0x060f],
  [0x061b, 0x061f],
  [0x066a, 0x066d],
  [0x06d4, 0x06d4],
  [0x0964, 0x0965],
  [0x2000, 0x200b],
  [0x200e, 0x206f],
  [0x20a0, 0x20cf],
  [0x2190, 0x2bff],
  [0x2e00, 0x2e7f],
  [0x3000, 0x3004],
  [0x3008, 0x3020],
  [0x3030, 0x3030],
  [0x303d, 0x303f],
  [0x30a0, 0x30a0],
  [0x30fb, 0x30fb],
  [0xd800, 0xf8ff],
  [0xfe10, 0xfe1f],
  [0xfe30, 0xfe6f],
  [0xfeff, 0xfeff],
  [0xfff0, 0xffff],
  [0x1f000, 0x1faff],
];

/** Characters of scripts that have no blanks between words, or long compounds: a run of them becomes pairs. */
export const UNSPACED: readonly Range[] = [
  [0x0e00, 0x0eff],
  [0x1000, 0x109f],
  [0x1780, 0x17ff],
  [0x2e80, 0x2fff],
  [0x3005, 0x3007],
  [0x3021, 0x302f],
  [0x3031, 0x303c],
  [0x3040, 0x309f],
  [0x30a1, 0x30fa],
  [0x30fc, 0x312f],
  [0x31f0, 0x31ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0x20000, 0x3fffd],
];

/** Letters that are not a letter with a mark in Unicode, and the letters that people type for them. */
export const LETTERS: readonly (readonly [from: string, to: string])[] = [
  ['ß', 'ss'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['þ', 'th'],
  ['ς', 'σ'],
  ['ø', 'o'],
  ['ł', 'l'],
  ['đ', 'd'],
  ['ð', 'd'],
  ['ħ', 'h'],
  ['ı', 'i'],
  ['ŧ', 't'],
];

/** Capitals that a database may not know: `lower` of PostgreSQL in the locale C knows only the capitals of ASCII. */
export const CAPITALS: readonly Range[] = [
  [0x00c0, 0x024f],
  [0x0370, 0x052f],
  [0x0531, 0x0556],
];

/** The longest token. The rest of a longer word is not searched. */
export const LONGEST_TOKEN = 40;

const marks = new RegExp(`${classOf(MARKS)}+`, 'gu');
const separators = new RegExp(`${classOf(SEPARATORS)}+`, 'gu');
const runs = new RegExp(`${classOf(UNSPACED)}+`, 'gu');
const unspaced = new RegExp(classOf(UNSPACED), 'u');
const letters = new Map(LETTERS);
const anyLetter = new RegExp(`[${LETTERS.map(([from]) => from).join('')}]`, 'gu');

/**
 * Returns a text as it is searched: in lower case, without accents, full-width letters and ligatures (Unicode Standard
 * Annex 15, NFKD).
 */
export function foldForSearch(text: string): string {
  const bare = text.normalize('NFKD').toLowerCase().normalize('NFKD').replace(marks, '').normalize('NFC');
  return bare.replace(anyLetter, (letter) => letters.get(letter) ?? letter);
}

/** Returns the words of a text, folded and in their order. A run of an unspaced script is a word of its own. */
export function wordsOf(text: string): string[] {
  const apart = foldForSearch(text)
    .replace(separators, ' ')
    .replace(runs, (run) => ` ${run} `);
  return apart.split(' ').filter((word) => word !== '');
}

/** Returns whether a word has characters of a script without blanks between words. */
export function isUnspaced(word: string): boolean {
  return unspaced.test(word);
}

/** Returns the pairs of neighbours of a run, and its last character: `東京都` becomes `東京`, `京都`, `都`. */
export function pairsOf(run: string): string[] {
  const characters = [...run].slice(0, LONGEST_TOKEN);
  return characters.map((character, at) => character + (characters[at + 1] ?? ''));
}

/** Returns the ranges as a class of a regular expression with the flag `u`. */
function classOf(ranges: readonly Range[]): string {
  const hex = (point: number) => `\\u{${point.toString(16)}}`;
  return `[${ranges.map(([from, to]) => (from === to ? hex(from) : `${hex(from)}-${hex(to)}`)).join('')}]`;
}
