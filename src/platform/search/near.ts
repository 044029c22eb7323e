/**
 * Words with a typing error. The database keeps each word of a tenant with its forms: the word, and the word without one
 * of its letters (the symmetric deletes of SymSpell, W. Garbe 2012). Two words have a common form if one letter is
 * missing, doubled, wrong, or swapped with its neighbour. So the nearest words are found with equal keys, without a scan.
 */

/** The shortest word that is compared with the words of a tenant. */
export const SHORTEST_NEAR = 4;

/** The longest word that is kept for comparison. */
export const LONGEST_NEAR = 30;

/** Returns the forms of a word, as the database function `search_near` does, without the tenant. */
export function formsOf(word: string): string[] {
  const letters = [...word];
  return [...new Set([word, ...letters.map((_letter, at) => letters.toSpliced(at, 1).join(''))])];
}

/**
 * Returns the number of errors between two words: letters left out, added or changed, and neighbours swapped (optimal
 * string alignment, a restricted distance of Damerau and Levenshtein). Words of 30 letters take about 1,000 steps.
 */
export function distance(one: string, other: string): number {
  const [a, b] = [[...one], [...other]];
  const rows = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (_, j) => i || j));
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      let least = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] && i > 1 && j > 1)
        least = Math.min(least, at(i - 2, j - 2) + 1);
      (rows[i] as number[])[j] = least;
    }
  }
  return at(a.length, b.length);
}
