/** The folded form of column names, in which spellings of one name are equal. */

const LETTERS: Readonly<Record<string, string>> = { ß: 'ss', ł: 'l', ø: 'o', æ: 'ae', œ: 'oe', đ: 'd', ı: 'i', ð: 'd' };

/**
 * Folds a column name: width, case, accents, the Turkish dotted and dotless i, and everything but letters and digits.
 * A run of digits becomes `#`, so `E-mail 2 - Value` is `email#value`.
 */
export function fold(name: string): string {
  return folded(name)
    .replace(/\d+/g, '#')
    .replace(/[^\p{L}\p{N}#]/gu, '');
}

/** Returns the folded words of a column name, for example `billing`, `first`, `name` for `billing_firstName`. */
export function wordsOf(name: string): string[] {
  const apart = name.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2');
  return folded(apart).match(/\p{L}+|\d+/gu) ?? [];
}

/** Folds a text for a comparison of words: width, case and accents. */
export function folded(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[ßłøæœđıð]/g, (letter) => LETTERS[letter] ?? letter);
}
